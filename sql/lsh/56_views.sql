create or replace function lsh_internal.views_on(relation regclass)
  returns table (view regclass, depth int)
  language sql stable
begin atomic
  with recursive standing as (
    select pg_rewrite.ev_class as oid, 1 as depth
    from pg_depend
      join pg_rewrite on pg_rewrite.oid = pg_depend.objid
    where pg_depend.classid = 'pg_rewrite'::regclass
      and pg_depend.refclassid = 'pg_class'::regclass
      and pg_depend.refobjid = relation
      and pg_rewrite.ev_class <> relation
    union
    select pg_rewrite.ev_class, standing.depth + 1
    from standing
      join pg_depend on pg_depend.refclassid = 'pg_class'::regclass and pg_depend.refobjid = standing.oid
      join pg_rewrite on pg_rewrite.oid = pg_depend.objid and pg_depend.classid = 'pg_rewrite'::regclass
    where pg_rewrite.ev_class <> standing.oid
  )
  select standing.oid::regclass, max(standing.depth)
  from standing
  group by standing.oid;
end;

comment on function lsh_internal.views_on(regclass) is
  'Views that read a relation, directly or through other views, with their depth.';

create or replace function lsh_internal.described_views(relation regclass)
  returns jsonb
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  stubborn regclass := (
    select standing.view
    from lsh_internal.views_on(relation) as standing
      join pg_class on pg_class.oid = standing.view
    where pg_class.relkind <> 'v' or exists (select from pg_trigger where tgrelid = standing.view)
    limit 1);
begin
  if stubborn is not null then
    raise exception '"%" reads code table "%", and cannot be recreated', stubborn, relation
      using errcode = 'dependent_objects_still_exist',
            hint = 'Materialized views, and views with triggers, are not carried over: drop it first, and create it again afterwards.';
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'name', standing.view::text, 'owner', pg_get_userbyid(pg_class.relowner), 'definition', pg_get_viewdef(standing.view),
      'options', array_to_string(pg_class.reloptions, ', '), 'said', obj_description(standing.view, 'pg_class'),
      'grants', lsh_internal.grants_on(standing.view)) order by standing.depth, standing.view), '[]')
    from lsh_internal.views_on(relation) as standing
      join pg_class on pg_class.oid = standing.view);
end
$$;

comment on function lsh_internal.described_views(regclass) is
  'Views on a code table, each after those that it reads, with everything that is needed to create them again.';

create or replace function lsh_internal.create_views(views jsonb)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  wanted record;
begin
  for wanted in
    select view.*
    from jsonb_array_elements(views) with ordinality as element (value, place)
      cross join lateral jsonb_to_record(element.value) as view (
        name text, owner text, definition text, options text, said text, grants jsonb)
    order by element.place
  loop
    execute format('create view %s%s as %s', wanted.name, ' with (' || wanted.options || ')', wanted.definition);
    execute format('comment on view %s is %L', wanted.name, wanted.said);
    perform lsh_internal.give_grants(wanted.name::regclass, wanted.grants);
    if wanted.owner <> current_user then
      execute format('alter view %s owner to %I', wanted.name, wanted.owner);
    end if;
  end loop;
end
$$;

comment on function lsh_internal.create_views(jsonb) is 'Creates the views that lsh_internal.described_views returned.';
