create or replace function lsh_internal.assert_new_name(registry regclass, name text)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  taken boolean;
begin
  -- The name is also that of a table, and is limited to names that never need quotes.
  if name is null or name !~ '^[a-z_][a-z0-9_]{0,62}$' then
    raise exception 'invalid name "%"', name
      using errcode = 'invalid_name',
            hint = 'Use at most 63 lower-case letters, digits and underscores, starting with a letter.';
  end if;
  execute format('select exists (select from %s as registered where registered.name = $1)', registry)
  into taken
  using name;
  if taken then
    raise exception 'the name "%" is already in use', name
      using errcode = 'duplicate_object',
            hint = format('Choose another name, or drop the object that uses it; see "select * from %s".', registry);
  elsif registry = 'lsh.index'::regclass and (
    to_regclass(format('lsh_index.%I', name)) is not null
    or exists (select from pg_proc where pronamespace = 'lsh_index'::regnamespace and proname = assert_new_name.name))
  then
    raise exception 'schema lsh_index has a relation or routine "%" that belongs to no index', name
      using errcode = 'duplicate_object', hint = 'Choose another name, or drop it.';
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
    raise exception 'must be owner of table "%", which belongs to role %', relation, owner
      using errcode = 'insufficient_privilege',
            hint = format('Run this as role %I or as a superuser.', owner);
  elsif not (has_schema_privilege('lsh_index', 'create') and has_any_column_privilege('lsh.index', 'insert')) then
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
            hint = format('Codes are maintained with the rights of the owner: run "alter table %s no force row level security".', relation);
  elsif maintain = 'trigger' and lsh_internal.is_distributed(relation) then
    raise exception 'table "%" is distributed by Citus, which refuses triggers', relation
      using errcode = 'feature_not_supported', hint = 'Use maintain => ''loader'', and let the program that writes the table write the codes.';
  elsif maintain = 'trigger' and (
    source.relkind = 'p' or source.relispartition
    or exists (select from pg_inherits where inhparent = relation or inhrelid = relation))
  then
    raise exception 'table "%" is a partition or an inheriting table, or has some: writes through another table fire no trigger',
      relation
      using errcode = 'wrong_object_type',
            hint = 'Use maintain => ''loader'', and let every program that writes to the table write the codes.';
  end if;
end
$$;

comment on function lsh_internal.assert_table(regclass, text) is
  'Raises unless the caller may index a table, and its codes can be maintained in that way.';

create or replace function lsh_internal.assert_averaged(relation regclass, family lsh.family, security text)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if security = 'policies' and (family).bucket_kind = 'voronoi' and (select relrowsecurity from pg_class where oid = relation) then
    raise exception 'the cells of family "%" may be single rows, and table "%" has policies that hide rows', (family).name, relation
      using errcode = 'object_not_in_prerequisite_state',
            hint = 'Use a family whose buckets are not learned, or security => ''open'' if every role that searches may know all rows.';
  end if;
end
$$;

comment on function lsh_internal.assert_averaged(regclass, lsh.family, text) is
  'Raises if a searching role could read a hidden row from a family: the centre of a learned cell of one row is that row.';

create or replace function lsh_internal.warn_of_table(relation regclass, maintain text)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if (select relrowsecurity from pg_class where oid = relation) then
    raise warning 'table "%" has row-level security: its hash family contains averages of rows that policies hide, and every role that may search can read them', relation
      using hint = 'Keys and codes of hidden rows stay hidden. Draw the family from a table of rows that all may see, if averages reveal too much.';
  end if;
  if maintain = 'trigger'
    and exists (select from pg_subscription_rel where srrelid = relation)
  then
    raise warning 'table "%" is filled by a subscription, whose changes are hashed row by row', relation
      using hint = 'If that is too slow, use maintain => ''loader'', or subscribe to the code table too.';
  end if;
end
$$;

comment on function lsh_internal.warn_of_table(regclass, text) is 'Warns the owner of a table before it is indexed.';

create or replace function lsh_internal.assert_new_index(maintain text, build text, security text)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if maintain is null or maintain not in ('trigger', 'loader') then
    raise exception 'maintain must be "trigger" or "loader", not "%"', coalesce(maintain, 'null')
      using errcode = 'invalid_parameter_value',
            hint = 'With trigger, triggers update the codes; with loader, every program that writes to the table does.';
  elsif build is null or build not in ('now', 'later') then
    raise exception 'build must be "now" or "later", not "%"', coalesce(build, 'null')
      using errcode = 'invalid_parameter_value', hint = 'With later, "call lsh.build_index(name)" fills the index while the table can be written.';
  elsif security is null or security not in ('policies', 'open') then
    raise exception 'security must be "policies" or "open", not "%"', coalesce(security, 'null')
      using errcode = 'invalid_parameter_value',
            hint = 'With policies, a role sees the codes of rows that it may see; with open, all codes of a code table that it may read.';
  end if;
  perform lsh_internal.assert_fresh();
end
$$;

comment on function lsh_internal.assert_new_index(text, text, text) is
  'Raises unless an index can be created with these arguments.';
