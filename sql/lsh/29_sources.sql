-- Errors for relations that cannot be indexed, with a hint for each case.

create or replace function lsh_internal.tables_of(view regclass)
  returns text[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  -- Tables with a column of vectors are preferred to all that the view reads.
  of_vectors text[];
  all_read text[];
begin
  with recursive read (relation, kind) as (
    select view::oid, (select relkind from pg_class where oid = view)
    union
    select pg_class.oid, pg_class.relkind
    from read
      join pg_rewrite on pg_rewrite.ev_class = read.relation
      join pg_depend on pg_depend.classid = 'pg_rewrite'::regclass and pg_depend.objid = pg_rewrite.oid
      join pg_class on pg_depend.refclassid = 'pg_class'::regclass and pg_class.oid = pg_depend.refobjid
    where read.kind = 'v'
  )
  select
    array_agg(lsh_internal.table_name(relation) order by relation) filter (where exists (
      select from pg_attribute where attrelid = relation and attnum > 0 and lsh_internal.base_type(atttypid) in ('@vector@.vector'::regtype, '@vector@.halfvec'::regtype))),
    array_agg(lsh_internal.table_name(relation) order by relation)
  into of_vectors, all_read
  from read
  where kind in ('r', 'p', 'm', 'f');
  return coalesce(of_vectors, all_read, '{}');
end
$$;

comment on function lsh_internal.tables_of(regclass) is
  'Tables that a view reads, directly or through other views: only those with a vector column, if there are any.';

create or replace function lsh_internal.assert_source(relation regclass)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  named constant text := lsh_internal.table_name(relation);
  kind constant "char" := (select relkind from pg_class where oid = relation);
  read text[];
  server name;
begin
  if kind in ('r', 'p') then
    return;
  elsif kind = 'v' then
    read := lsh_internal.tables_of(relation);
    raise exception '"%" is a view, which has no rows of its own', named
      using errcode = 'wrong_object_type', hint = case cardinality(read)
        when 0 then 'Index the table that stores its vectors.'
        when 1 then format('Index the table that it reads: "select lsh.create_index(%L, ...)".', read[1])
        else format('Index the table that its vectors come from, which is one of %s.', array_to_string(read, ', '))
      end;
  elsif kind = 'm' then
    raise exception '"%" is a materialized view, on which no trigger fires', named
      using errcode = 'wrong_object_type', hint = (
        select format('Copy its rows into a table with "create table %I.%I as select * from %s", add a primary key, and index that table; or index a table that a loader fills, with maintain => ''loader''.',
          pg_namespace.nspname, left(pg_class.relname, 58) || '_rows', named)
        from pg_class join pg_namespace on pg_namespace.oid = pg_class.relnamespace where pg_class.oid = relation);
  elsif kind = 'f' then
    select srvname into server
    from pg_foreign_table join pg_foreign_server on pg_foreign_server.oid = pg_foreign_table.ftserver
    where ftrelid = relation;
    raise exception '"%" is a foreign table, whose rows are on server "%"', named, server
      using errcode = 'wrong_object_type',
            hint = format('Index it on that server: run "select lsh.create_index(...)" in the database that server "%s" connects to.', server);
  end if;
  raise exception '"%" is not a table', coalesce(named, relation::text, 'null')
    using errcode = 'wrong_object_type', hint = 'Name the table that stores the vectors.';
end
$$;

comment on function lsh_internal.assert_source(regclass) is 'Raises unless a relation is a table, which has rows of its own.';

create or replace function lsh_internal.new_key(relation regclass)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  source pg_class := (select pg_class from pg_class where oid = relation);
  added name := (
    select candidate
    from unnest(array['id', 'row_id'] || array(select 'row_id_' || number from generate_series(2, 1700) as number))
      with ordinality as named (candidate, place)
    where not exists (select from pg_attribute where attrelid = relation and attname = candidate)
    order by place
    limit 1);
  table_name constant text := lsh_internal.table_name(relation);
begin
  return case
    when source.relkind = 'p' then
      'A partitioned table has a unique column only if it is partitioned by that column: index its partitions, each with a key of its own.'
    when source.relispartition then
      format('Add one: "alter table %s add column %I bigint generated always as identity", then "alter table %s add unique (%I)".',
        lsh_internal.table_name(pg_partition_root(relation)), added, table_name, added)
    else format('Add one: "alter table %s add column %I bigint generated always as identity %s".', table_name, added,
      case when exists (select from pg_index where indrelid = relation and indisprimary) then 'unique' else 'primary key' end)
  end;
end
$$;

comment on function lsh_internal.new_key(regclass) is 'Hint with the statement that adds a key column to a table.';

create or replace function lsh_internal.no_key(relation regclass, "column" name default null)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  named constant text := lsh_internal.table_name(relation);
  -- The unique column that comes closest to a key.
  near record;
  columns constant text := (
    select string_agg(format('%I', attname), ', ' order by array_position(indkey::int2[], attnum))
    from pg_index join pg_attribute on attrelid = indrelid and attnum = any (indkey)
    where indrelid = relation and indisprimary and indnkeyatts > 1);
begin
  select attname, atttypid, attnotnull, indimmediate, indisprimary into near
  from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]
  where indrelid = relation and indisunique and indisvalid and indnkeyatts = 1 and indpred is null
    and attname = coalesce("column", attname)
  order by attnotnull desc, indimmediate desc, lsh_internal.is_key_type(atttypid) desc, indisprimary desc, attnum
  limit 1;
  if lsh_internal.is_unique_key((
    select indexrelid from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]
    where indrelid = relation and attname = near.attname and lsh_internal.is_unique_key(indexrelid) limit 1))
  then
    raise exception 'key "%" of table "%" has type %', near.attname, named, format_type(near.atttypid, -1)
      using errcode = 'feature_not_supported',
            hint = 'Keys must have a built-in type, such as bigint, uuid or text. ' || lsh_internal.new_key(relation);
  elsif "column" is null and columns is not null then
    raise exception 'the primary key of table "%" has several columns: %', named, columns
      using errcode = 'invalid_table_definition', hint = lsh_internal.new_key(relation);
  elsif not near.attnotnull then
    raise exception 'unique column "%" of table "%" allows nulls, which identify no row', near.attname, named
      using errcode = 'invalid_table_definition',
            hint = format('Make it not null: "alter table %s alter column %I set not null".', named, near.attname);
  elsif not near.indimmediate then
    raise exception 'column "%" of table "%" is unique only at the end of a transaction', near.attname, named
      using errcode = 'invalid_table_definition',
            hint = format('Make it unique at the end of each statement: "alter table %s add unique (%I)".', named, near.attname);
  elsif near.attname is not null then
    raise exception 'column "%" of table "%" is unique only by another collation or operator class than its default', near.attname, named
      using errcode = 'invalid_table_definition',
            hint = format('Make it unique by its default: "alter table %s add unique (%I)".', named, near.attname);
  elsif "column" is not null then
    raise exception 'column "%" of table "%" does not identify its rows', "column", named
      using errcode = 'invalid_table_definition',
            hint = format('Make it unique and not null: "alter table %s add unique (%I), alter column %I set not null".', named, "column", "column");
  end if;
  raise exception 'table "%" has no key: no column of it is unique and not null', named
    using errcode = 'invalid_table_definition', hint = lsh_internal.new_key(relation);
end
$$;

comment on function lsh_internal.no_key(regclass, name) is
  'Raises an error that says why a column, or any column, cannot be the key of a table, with a hint what to type.';
