create or replace function lsh_internal.assert_new_name(registry regclass, name text)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  taken boolean;
begin
  -- Also the name of a table: kept to what never needs quotes.
  if name is null or name !~ '^[a-z_][a-z0-9_]{0,62}$' then
    raise exception '"%" is no fit name', name
      using errcode = 'invalid_name',
            hint = 'Take lower-case letters, digits and underscores, at most 63, a letter first.';
  end if;
  execute format('select exists (select from %s as registered where registered.name = $1)', registry)
  into taken
  using name;
  if taken then
    raise exception 'the name "%" is taken', name
      using errcode = 'duplicate_object',
            hint = format('Choose another name, or drop what has it; see "select * from %s".', registry);
  elsif registry = 'lsh.index'::regclass and to_regclass(format('lsh_index.%I', name)) is not null then
    raise exception 'schema lsh_index has a relation "%" that is no code table', name
      using errcode = 'duplicate_object', hint = 'Choose another name, or drop the relation.';
  end if;
end
$$;

comment on function lsh_internal.assert_new_name(regclass, text) is
  'Raises unless a name can be given to a new index or space.';

create or replace function lsh_internal.assert_table(relation regclass, maintain text)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  source pg_class := (select pg_class from pg_class where oid = relation);
  owner constant name := lsh_internal.owner_of(relation);
begin
  if not pg_has_role(source.relowner, 'usage') then
    raise exception 'table "%" is not yours, but role %''s', relation, owner
      using errcode = 'insufficient_privilege',
            hint = format('Run this as role %I or as a superuser.', owner);
  elsif not (has_schema_privilege('lsh_index', 'create') and has_table_privilege('lsh.index', 'insert')) then
    raise exception 'role % may not create hash indexes', current_user
      using errcode = 'insufficient_privilege',
            hint = format('Let the owner of schema lsh run "select lsh.grant_create(%L)".', current_user);
  elsif source.relpersistence = 't' then
    raise exception 'table "%" is temporary', relation
      using errcode = 'wrong_object_type', hint = 'An index outlives its session: create an ordinary table, or search this one by "order by embedding <-> query".';
  elsif source.relforcerowsecurity and source.relrowsecurity
    and not exists (select from pg_roles where oid = source.relowner and (rolsuper or rolbypassrls))
  then
    raise exception 'policies of table "%" hide rows from its owner, role %', relation, owner
      using errcode = 'object_not_in_prerequisite_state',
            hint = format('Codes are kept with the rights of the owner: "alter table %s no force row level security".', relation);
  elsif maintain = 'trigger' and (
    source.relkind = 'p' or source.relispartition
    or exists (select from pg_inherits where inhparent = relation or inhrelid = relation))
  then
    raise exception 'table "%" is a partition or an inheriting table, or has some: what is written there by way of another table fires no trigger',
      relation
      using errcode = 'wrong_object_type',
            hint = 'Use maintain => ''loader'', and have whoever writes the table write the codes.';
  end if;
end
$$;

comment on function lsh_internal.assert_table(regclass, text) is
  'Raises unless the caller may index a table, and its codes can be kept in that way.';

create or replace function lsh_internal.warn_of_table(relation regclass, maintain text)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if (select relrowsecurity from pg_class where oid = relation) then
    raise warning 'table "%" has row-level security: its hash family holds averages of rows that policies hide, and whoever may search can read them', relation
      using hint = 'Keys and codes of hidden rows stay hidden. Draw the family from a table of rows that all may see, if averages say too much.';
  end if;
  if maintain = 'trigger'
    and exists (select from pg_subscription_rel where srrelid = relation)
  then
    raise warning 'table "%" is filled by a subscription, whose changes are hashed row by row', relation
      using hint = 'Where that is too slow: maintain => ''loader'', or subscribe to the code table too.';
  end if;
end
$$;

comment on function lsh_internal.warn_of_table(regclass, text) is 'Says what the owner of a table should know before it is indexed.';

create or replace function lsh_internal.assert_new_index(maintain text, build text, security text)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if maintain is null or maintain not in ('trigger', 'loader') then
    raise exception 'an index is maintained by "trigger" or "loader", not by "%"', coalesce(maintain, 'null')
      using errcode = 'invalid_parameter_value',
            hint = 'trigger keeps the codes in step; loader leaves them to whoever writes the table.';
  elsif build is null or build not in ('now', 'later') then
    raise exception 'an index is built "now" or "later", not "%"', coalesce(build, 'null')
      using errcode = 'invalid_parameter_value', hint = 'later: by "call lsh.build_index(name)", while the table is written.';
  elsif security is null or security not in ('policies', 'open') then
    raise exception 'the security of an index is "policies" or "open", not "%"', coalesce(security, 'null')
      using errcode = 'invalid_parameter_value',
            hint = 'policies: a code is seen by whoever may see its row; open: by whoever may read the code table.';
  end if;
  perform lsh_internal.assert_fresh();
end
$$;

comment on function lsh_internal.assert_new_index(text, text, text) is
  'Raises unless an index can be created now, and so.';

create or replace function lsh_internal.fill(index lsh.index, codes regclass, family lsh.family)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  execute lsh_internal.encoding(index, codes, family.id, 'true') using family.token;
end
$$;

comment on function lsh_internal.fill(lsh.index, regclass, lsh.family) is 'Encodes all rows of a table.';

create or replace function lsh.create_index(
  relation regclass,
  "column" name,
  family text,
  name text default null,
  maintain text default 'trigger',
  probes int default null,
  candidates int default null,
  build text default 'now',
  security text default 'policies'
)
  returns text
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  chosen lsh.family := lsh_internal.require_family(family);
  key name := lsh_internal.key_column(relation);
  wanted text := coalesce(create_index.name, (select relname from pg_class where oid = create_index.relation));
  created lsh.index;
begin
  perform lsh_internal.assert_fits(relation, "column", chosen);
  perform lsh_internal.assert_plan(1, create_index.candidates, create_index.probes, null, null);
  perform lsh_internal.assert_new_index(create_index.maintain, create_index.build, create_index.security);
  perform lsh_internal.assert_table(relation, create_index.maintain);
  -- Nobody writes between the first look at the rows and the triggers, or the loader's first look at the registry.
  execute format('lock table %s in share row exclusive mode', relation);
  -- One at a time takes a name, so that the other is told that it is taken.
  perform pg_advisory_xact_lock(hashtext('pg-lsh index'), hashtext(wanted));
  perform lsh_internal.forget_dropped(wanted);
  perform lsh_internal.assert_new_name('lsh.index', wanted);
  created.codes := lsh_internal.create_codes(relation, key, wanted, chosen.bits);
  insert into lsh.index (
    name, relation, codes, key_column, vector_column, bound, key_number, key_index, vector_number, dims, family_id, maintain, state,
    probes, candidates, security)
  select
    wanted, create_index.relation, created.codes, key, create_index."column", create_index.relation, key_place.attnum,
    lsh_internal.key_index(create_index.relation, key_place.attnum), vector_place.attnum, chosen.dims, chosen.id, create_index.maintain,
    case create_index.build when 'now' then 'ready' else 'building' end, coalesce(create_index.probes, lsh_internal.default_probes(chosen)),
    coalesce(create_index.candidates, 200), create_index.security
  from pg_attribute as key_place
    join pg_attribute as vector_place on vector_place.attrelid = key_place.attrelid
  where key_place.attrelid = create_index.relation
    and key_place.attname = key
    and vector_place.attname = create_index."column"
  returning * into created;
  execute format('comment on table %s is %L', created.codes,
    format('Codes of %s.%s by family %s', created.relation, created.vector_column, chosen.name));
  if create_index.build = 'later' then
    insert into lsh.index_progress (index_id, done, total)
    select created.id, 0, greatest(pg_class.reltuples, 0) from pg_class where oid = created.relation;
  elsif created.maintain = 'trigger' then
    perform lsh_internal.fill(created, created.codes, chosen);
  end if;
  -- After the rows are in.
  perform lsh_internal.add_bucket_index(created.codes);
  execute format('analyze %s', created.codes);
  perform lsh_internal.guard_codes(created);
  perform lsh_internal.create_keeper(created);
  perform lsh_internal.hand_over(created);
  if created.maintain = 'trigger' then
    perform lsh_internal.add_triggers(created);
  end if;
  perform lsh_internal.warn_of_table(created.relation, created.maintain);
  return created.name;
end
$$;

comment on function lsh.create_index(regclass, name, text, text, text, int, int, text, text) is
  'Creates the code table lsh_index.<name> for a vector column, fills it unless the loader does or build is "later", and returns its name. security: policies (a code is seen by whoever may see its row) or open.';

create or replace function lsh_internal.default_probes(family lsh.family)
  returns int
  language sql immutable parallel safe
  -- A seventh of the buckets, the best first, holds nearly all neighbours; learned cells follow the data more closely.
  return case (family).bucket_kind
    when 'voronoi' then greatest(4, least(128, (family).bucket_count / 16))
    else greatest(8, least(256, (family).bucket_count / 7))
  end;

comment on function lsh_internal.default_probes(lsh.family) is 'Buckets to visit for an index that was not tuned.';

create or replace function lsh_internal.drop_triggers(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  made name;
begin
  for made in
    select tgname
    from pg_trigger
    where tgrelid = index.relation
      and tgname in (select trigger.name from lsh_internal.trigger_names(index.id) as trigger)
  loop
    execute format('drop trigger %I on %s', made, index.relation);
  end loop;
end
$$;

comment on function lsh_internal.drop_triggers(lsh.index) is 'Removes the triggers of an index from its table.';

create or replace function lsh_internal.forget_functions(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  made regprocedure;
begin
  for made in
    select pg_proc.oid
    from pg_proc
    where pronamespace = to_regnamespace('lsh_index')
      and proname = index.name
      and pronargs <= 1
  loop
    execute format('drop function %s', made);
  end loop;
end
$$;

comment on function lsh_internal.forget_functions(lsh.index) is 'Drops the functions that were made for an index.';

create or replace function lsh_internal.forget_dropped(name text)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  gone lsh.index;
begin
  for gone in
    select registered.*
    from lsh.index as registered
    where registered.name = coalesce(forget_dropped.name, registered.name)
      and not exists (select from pg_class where pg_class.oid = registered.relation)
  loop
    perform lsh.drop_index(gone.name);
  end loop;
end
$$;

comment on function lsh_internal.forget_dropped(text) is
  'Removes what is left of an index, or of all, whose table was dropped, and gives the name back.';

create or replace function lsh.drop_index(name text)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  dropped lsh.index := lsh_internal.registered_index(name);
begin
  perform lsh_internal.assert_fresh();
  if exists (select from pg_class where pg_class.oid = dropped.relation) then
    if not lsh_internal.owns(dropped.relation) then
      perform lsh_internal.assert_owner(dropped);
    end if;
    execute format('lock table %s in access exclusive mode', dropped.relation);
    dropped := lsh_internal.registered_index(name);
    perform lsh_internal.drop_triggers(dropped);
  end if;
  delete from lsh.index as registered where registered.id = dropped.id;
  if not found then
    raise exception 'you may not remove index "%" from lsh.index', name
      using errcode = 'insufficient_privilege',
            hint = format('Let the owner of schema lsh run "select lsh.grant_create(%L)", or drop the index.', current_user);
  end if;
  if exists (select from pg_class where pg_class.oid = dropped.codes) then
    execute format('drop table %s', dropped.codes);
  end if;
  perform lsh_internal.forget_functions(dropped);
end
$$;

comment on function lsh.drop_index(text) is 'Removes an index, its code table, its functions and its triggers.';
