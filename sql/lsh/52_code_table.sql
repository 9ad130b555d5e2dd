create or replace function lsh_internal.key_type(relation regclass, key name)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Without the length, which may grow, but with the collation: with another one, ties would be broken in a different
  -- order than in the table.
  return (
    select concat_ws(' ', format_type(lsh_internal.base_type(atttypid), -1),
      (select format('collate %I.%I', pg_namespace.nspname, pg_collation.collname)
       from pg_collation join pg_namespace on pg_namespace.oid = pg_collation.collnamespace
       where pg_collation.oid = pg_attribute.attcollation))
    from pg_attribute
    where attrelid = relation
      and attname = key);
end
$$;

comment on function lsh_internal.key_type(regclass, name) is 'Type of a key as a code table declares it.';

create or replace function lsh_internal.own_rows(relation regclass)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- The rows of a partitioned table are in its partitions; rows of tables that inherit from an ordinary table are not
  -- its own. A regclass prints the current name, which the statement will find. The name in an older snapshot may by
  -- now belong to a view.
  return (
    select format(case pg_class.relkind when 'r' then 'only %s' else '%s' end, own_rows.relation)
    from pg_class
    where pg_class.oid = own_rows.relation);
end
$$;

comment on function lsh_internal.own_rows(regclass) is
  'A table as it is written in a "from" clause: without the tables that inherit from it.';

create or replace function lsh_internal.add_key(codes regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- The name contains a space, which no name of an index has, and the number of the table: it collides with no other.
  execute format('alter table %s add constraint %I primary key (key)', codes, 'key ' || codes::oid);
end
$$;

comment on function lsh_internal.add_key(regclass) is 'Adds the primary key of a code table.';

create or replace function lsh_internal.add_bucket_index(codes regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('create index %I on %s (bucket)', 'bucket ' || codes::oid, codes);
end
$$;

comment on function lsh_internal.add_bucket_index(regclass) is
  'Adds the index on the buckets of a code table, after its rows are written.';

create or replace function lsh_internal.create_codes(
  relation regclass, key name, table_name name, bits int, tablespace name default null
)
  returns regclass
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  created regclass;
begin
  execute format(
    'create %s table lsh_index.%I (bucket int not null, key %s not null, code bit(%s) not null, norm real, scale real) %s',
    case (select relpersistence from pg_class where oid = relation) when 'u' then 'unlogged' end,
    table_name, lsh_internal.key_type(relation, key), bits, 'tablespace ' || quote_ident(tablespace));
  created := format('lsh_index.%I', table_name)::regclass;
  perform lsh_internal.add_key(created);
  return created;
end
$$;

comment on function lsh_internal.create_codes(regclass, name, name, int, name) is
  'Creates an empty code table for a table, without its bucket index (add_bucket_index) and its policy (guard_codes).';

create or replace function lsh_internal.encoding(index lsh.index, codes regclass, family_id int, rows text)
  returns text
  language sql stable
begin atomic
  -- Inserts codes in the order of buckets, so that the codes of one bucket share pages. A session that fills the index
  -- at the same time may already have inserted a code for an earlier version of a row.
  select format(
    'insert into %1$s as lsh_code (bucket, key, code, norm, scale)
     select hashed.bucket, lsh_source.%2$I, hashed.code, hashed.norm, hashed.scale
     from %4$s as lsh_source
       cross join lateral lsh_internal.hashed(%5$s, $1, %7$s) as hashed
     where lsh_source.%3$I is not null
       and %6$s
     order by hashed.bucket
     on conflict (key) do update
     set bucket = excluded.bucket, code = excluded.code, norm = excluded.norm, scale = excluded.scale',
    codes, (encoding.index).key_column, (encoding.index).vector_column,
    lsh_internal.own_rows((encoding.index).relation), family_id, rows,
    lsh_internal.vector_expression(encoding.index, 'lsh_source'));
end;

comment on function lsh_internal.encoding(lsh.index, regclass, int, text) is
  'Statement that writes the codes of those rows of an indexed table that fulfil a condition on "lsh_source"; $1 is the token of the family.';

create or replace function lsh_internal.encoding_keys(index lsh.index)
  returns text
  language sql stable
begin atomic
  -- Keys are passed as an array, which takes less time to plan than a join, and is as fast.
  select lsh_internal.encoding(index, (index).codes, (index).family_id,
    format('lsh_source.%I = any ($2::%s[])', (index).key_column, lsh_internal.bare_type(index)));
end;

comment on function lsh_internal.encoding_keys(lsh.index) is
  'Statement that writes the codes of the rows with some keys; $1 is the token of the family, $2 the keys.';
