create or replace function lsh_internal.registered_index(index text)
  returns lsh.index
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found lsh.index;
begin
  select * into found from lsh.index as registered where registered.name = registered_index.index;
  if found.id is null then
    raise exception 'index "%" does not exist', index
      using errcode = 'LSH01', hint = 'List the indexes with "select name, relation from lsh.index".';
  end if;
  return found;
end
$$;

comment on function lsh_internal.registered_index(text) is
  'Registry row of an index, even if its table has changed. Raises an error if the index does not exist.';

create or replace function lsh_internal.are_plain_types(vector regtype, key regtype)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- A domain is compared as its base type.
  return vector in ('@vector@.vector'::regtype, '@vector@.halfvec'::regtype)
    and (key::oid < 16384 or exists (select from pg_type where pg_type.oid = key and typtype = 'd'));
end
$$;

comment on function lsh_internal.are_plain_types(regtype, regtype) is
  'Whether columns of these types are compared without a cast that the owner of the table may have defined.';

create or replace function lsh_internal.holding(index lsh.index)
  returns text
  language sql stable
begin atomic
  select format(
    'select pg_typeof(lsh_source.%I), pg_typeof(lsh_source.%I)
     from (select) as lsh_one left join only %s as lsh_source on false left join only %s as lsh_code on false',
    (index).vector_column, (index).key_column, (index).relation, (index).codes);
end;

comment on function lsh_internal.holding(lsh.index) is
  'Statement that reads no row, but locks both tables of an index: nobody can rename, replace or alter them from there on. Returns the types of vector and key.';

create or replace function lsh_internal.hold(index lsh.index)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  names constant text[] := array[index.relation::text, index.codes::text];
  vector regtype;
  key regtype;
begin
  execute lsh_internal.holding(index) into vector, key;
  if names <> array[index.relation::text, index.codes::text] or not lsh_internal.are_plain_types(vector, key) then
    raise exception 'a table of index "%" was renamed or replaced concurrently', index.name
      using errcode = 'serialization_failure', hint = 'Run it again.';
  end if;
end
$$;

comment on function lsh_internal.hold(lsh.index) is
  'Locks the tables of an index until the transaction ends, so that their owner cannot replace them by views whose functions would run with the rights of the searching role.';

create or replace function lsh_internal.require_index(index text)
  returns lsh.index
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found lsh.index := lsh_internal.registered_index(index);
begin
  perform lsh_internal.assert_fit(found);
  if lsh_internal.owner_of(found.relation) <> current_user then
    perform lsh_internal.hold(found);
  end if;
  return found;
end
$$;

comment on function lsh_internal.require_index(text) is
  'Registry row of an index. Raises an error if the index does not exist, or its table has changed so that the index no longer fits.';

create or replace function lsh_internal.codes_of(index lsh.index)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- A table that was dropped is printed as a number. Callers check again after a statement has read, and so locked, the
  -- table of that name: if a name is still printed, nobody has replaced the table in between.
  if index.codes::text ~ '^[0-9]' then
    raise exception 'index "%" was replaced while it was read', index.name
      using errcode = 'serialization_failure', hint = 'Run it again.';
  end if;
  return index.codes;
end
$$;

comment on function lsh_internal.codes_of(lsh.index) is
  'Name of the code table of an index. Raises an error if the table was replaced after the index was looked up.';

create or replace function lsh_internal.family_of(index lsh.index)
  returns lsh.family
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found lsh.family;
begin
  select * into found from lsh.family where family.id = index.family_id;
  if found.id is null then
    raise exception 'permission denied to search index "%"', index.name
      using errcode = 'insufficient_privilege',
            hint = format('Let the owner of table "%s" run "select lsh.grant_search(%L, %L)".', index.relation, index.name, current_user);
  end if;
  return found;
end
$$;

comment on function lsh_internal.family_of(lsh.index) is
  'Hash family of an index. Raises an error if the caller may not use it.';

create or replace function lsh_internal.bare_type(index lsh.index)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  type text;
begin
  -- The type of the key in the code table is that in the table without its length, to which a cast would truncate keys.
  select format_type(atttypid, -1) into type
  from pg_attribute
  where attrelid = index.codes
    and attname = 'key';
  if type is null then
    perform lsh_internal.codes_of(index);
  end if;
  return type;
end
$$;

comment on function lsh_internal.bare_type(lsh.index) is 'Type of the keys of an index, without a length.';

create or replace function lsh_internal.bucket_index(index lsh.index)
  returns regclass
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select pg_index.indexrelid::regclass
    from pg_index
      join pg_attribute on pg_attribute.attrelid = pg_index.indrelid and pg_attribute.attnum = pg_index.indkey[0]
    where pg_index.indrelid = (bucket_index.index).codes
      and pg_attribute.attname = 'bucket'
    limit 1);
end
$$;

comment on function lsh_internal.bucket_index(lsh.index) is 'Index on the buckets of a code table.';

create or replace function lsh_internal.hnsw(index lsh.index)
  returns regclass
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select pg_index.indexrelid::regclass
    from pg_index
      join pg_class on pg_class.oid = pg_index.indexrelid
      join pg_am on pg_am.oid = pg_class.relam
    where pg_index.indrelid = (hnsw.index).codes
      and pg_am.amname = 'hnsw'
      and pg_index.indisvalid
    limit 1);
end
$$;

comment on function lsh_internal.hnsw(lsh.index) is 'HNSW graph over the codes of an index; null if there is none.';
