create or replace function lsh_internal.assert_fits(relation regclass, "column" name, family lsh.family)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  -- pgvector stores the dimension itself as the type modifier.
  vector_dims int := (select atttypmod from pg_attribute where attrelid = relation and attname = "column");
begin
  perform lsh_internal.assert_vector_column(relation, "column");
  if vector_dims <> family.dims then
    raise exception 'column "%" has % dimensions, family "%" has %', "column", vector_dims, family.name, family.dims
      using errcode = 'LSH02',
            hint = 'Create a family for this column: "select lsh.create_family(...)". Drop an index that was made for other vectors: "select lsh.drop_index(...)".';
  end if;
end
$$;

comment on function lsh_internal.assert_fits(regclass, name, lsh.family) is
  'Raises unless the column holds vectors that the family can hash.';

create or replace function lsh_internal.fits(index lsh.index)
  returns setof boolean
  language sql stable
begin atomic
  -- One query that confirms the usual case, since every search and every statement that writes rows runs it.
  -- lsh_internal.complaint finds out what is wrong.
  select true
  from pg_class as source
    join pg_class as code on code.oid = (index).codes
    join pg_attribute as key on key.attrelid = source.oid and key.attname = (index).key_column
    join pg_attribute as vector on vector.attrelid = source.oid and vector.attname = (index).vector_column
    join pg_attribute as code_key on code_key.attrelid = code.oid and code_key.attname = 'key'
    -- In a database that was restored from a dump, the numbers are those of the original database, and only the names
    -- hold.
    join pg_index on pg_index.indexrelid = case
      when (index).bound = (index).relation then (index).key_index else lsh_internal.key_index((index).relation, key.attnum) end
  where source.oid = (index).relation
    and source.relkind in ('r', 'p')
    and code.relkind = 'r'
    and not code.relhasrules
    and code.relowner = source.relowner
    and code.relpersistence = source.relpersistence
    and ((index).maintain = 'loader' or not (source.relispartition or source.relkind = 'p'
      -- relhassubclass stays set after the last child is dropped.
      or source.relhassubclass and exists (select from pg_inherits where inhparent = source.oid)))
    -- Columns of other types would be compared by casts that the owner of the table may have defined.
    and 5 = (
      select count(*) filter (where place.atttypid = case place.attname
        when 'bucket' then 'int4'::regtype when 'code' then 'bit'::regtype when 'key' then code_key.atttypid else 'float4'::regtype end)
      from pg_attribute as place
      where place.attrelid = code.oid and place.attnum > 0 and not place.attisdropped)
    and key.attcollation = code_key.attcollation
    and ((index).bound <> source.oid or key.attnum = (index).key_number)
    and key.attnotnull
    and (key.atttypid = code_key.atttypid or lsh_internal.base_type(key.atttypid) = code_key.atttypid)
    and ((index).bound <> source.oid or vector.attnum = (index).vector_number)
    and vector.atttypid in ('@vector@.vector'::regtype, '@vector@.halfvec'::regtype)
    and vector.atttypmod = (index).dims
    and pg_index.indrelid = source.oid
    and pg_index.indisunique
    and pg_index.indisvalid
    -- The key has a built-in type, whichever role has registered the index: only a superuser can define casts between
    -- these.
    and code_key.atttypid < 16384::oid
    -- A table that was dropped after the snapshot was taken is printed as a number.
    and (index).codes::text !~ '^[0-9]'
    and (index).relation::text !~ '^[0-9]';
end;

comment on function lsh_internal.fits(lsh.index) is
  'Returns a row if the table of an index has not changed. It is a set-returning function so that the planner can inline it.';

create or replace function lsh_internal.is_fit(index lsh.index)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (select from lsh_internal.fits(index));
end
$$;

comment on function lsh_internal.is_fit(lsh.index) is
  'Whether the table of an index is unchanged, so that the index still fits.';

create or replace function lsh_internal.complaint(index lsh.index)
  returns table (code text, problem text, hint text)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  source pg_class := (select pg_class from pg_class where pg_class.oid = index.relation);
  codes pg_class := (select pg_class from pg_class where pg_class.oid = index.codes);
  key pg_attribute := (
    select pg_attribute from pg_attribute
    where attrelid = index.relation and attname = index.key_column and attnum > 0 and not attisdropped);
  vector pg_attribute := (
    select pg_attribute from pg_attribute
    where attrelid = index.relation and attname = index.vector_column and attnum > 0 and not attisdropped);
  code_key pg_attribute := (select pg_attribute from pg_attribute where attrelid = index.codes and attname = 'key');
  foreign_part constant text := (
    select attname from pg_attribute
    where attrelid = index.codes and attnum > 0 and not attisdropped
      and (attname, atttypid) not in (
        ('bucket', 'int4'::regtype), ('code', 'bit'::regtype), ('norm', 'float4'::regtype), ('scale', 'float4'::regtype))
      and attname <> 'key'
    limit 1);
  drop_it constant text := format('Drop the index: "select lsh.drop_index(%L)".', index.name);
  mend_it constant text := format('Run "select lsh.mend_index(%L)" as role %s or as a superuser.', index.name, source.relowner::regrole);
  again constant text := format('Drop the index and create it again: "select lsh.drop_index(%L)", "select lsh.create_index(...)".', index.name);
begin
  if lsh_internal.is_fit(index) then
    return;
  elsif source.oid is null then
    return query select '42P01', format('the table of index "%s" was dropped', index.name), drop_it;
  elsif codes.oid is null then
    return query select '42P01', format('the code table of index "%s" was dropped', index.name), again;
  elsif index.codes::text ~ '^[0-9]' or index.relation::text ~ '^[0-9]' then
    return query select '40001', format('index "%s" was replaced after this statement or transaction began', index.name), 'Run it again.';
  elsif source.relkind not in ('r', 'p') or codes.relkind <> 'r' or codes.relhasrules then
    return query select '42809', format('"%s" of index "%s" is no longer a plain table',
      case when source.relkind in ('r', 'p') then index.codes else index.relation end, index.name), again;
  elsif key.attname is null or vector.attname is null then
    return query
      select '42703',
        format('table "%s" of index "%s" no longer has a column "%s"', index.relation, index.name,
          case when key.attname is null then index.key_column else index.vector_column end),
        'If it was renamed: ' || mend_it || ' Otherwise: ' || drop_it;
  elsif index.bound = index.relation and (key.attnum <> index.key_number or vector.attnum <> index.vector_number) then
    return query
      select '42703', format('columns of table "%s" were renamed: "%s" or "%s" is not the column that index "%s" was created for',
        index.relation, index.key_column, index.vector_column, index.name), mend_it;
  elsif vector.atttypid not in ('@vector@.vector'::regtype, '@vector@.halfvec'::regtype) then
    return query
      select '42804', format('column "%s" of table "%s" has type %s, not vector or halfvec', index.vector_column, index.relation,
        format_type(vector.atttypid, vector.atttypmod)), again;
  elsif vector.atttypmod <> index.dims then
    return query
      select 'LSH02', format('column "%s" has %s dimensions, index "%s" has %s', index.vector_column,
        case when vector.atttypmod < 0 then 'any' else vector.atttypmod::text end, index.name, index.dims),
        'Create a family for this column, and ' || lower(left(again, 1)) || substr(again, 2);
  elsif not lsh_internal.is_key_type(key.atttypid) then
    return query
      select '42804', format('key "%s" of table "%s" has type %s, whose values index "%s" cannot store', index.key_column,
        index.relation, format_type(key.atttypid, -1), index.name), drop_it;
  elsif foreign_part is not null or code_key.attname is null then
    return query
      select '42804', format('code table "%s" was altered: column "%s" is missing or does not belong there', index.codes, coalesce(foreign_part, 'key')), again;
  elsif code_key.atttypid <> lsh_internal.base_type(key.atttypid) or code_key.attcollation <> key.attcollation then
    return query
      select '42804', format('key "%s" of table "%s" has type %s, index "%s" keeps %s%s', index.key_column, index.relation,
        format_type(key.atttypid, -1), index.name, format_type(code_key.atttypid, -1),
        case when code_key.attcollation <> key.attcollation then ' of another collation' else '' end), mend_it;
  elsif codes.relowner <> source.relowner then
    return query
      select '55000', format('table "%s" belongs to role %s, the codes of index "%s" to role %s', index.relation,
        source.relowner::regrole, index.name, codes.relowner::regrole),
        format('Run "select lsh.mend_index(%L)" as a superuser, or as a member of both roles.', index.name);
  elsif codes.relpersistence <> source.relpersistence then
    return query
      select '55000', format('only one of table "%s" and the codes of index "%s" is unlogged: a crash would empty that one alone',
        index.relation, index.name), mend_it;
  elsif lsh_internal.key_index(index.relation, key.attnum) is null then
    return query
      select '42P16', format('column "%s" of table "%s" no longer identifies its rows: it has no unique index, or allows nulls',
        index.key_column, index.relation),
        format('Make it unique again, or create the index again for another key: "select lsh.drop_index(%L)", "select lsh.create_index(...)".', index.name);
  elsif index.bound = index.relation and not exists (
    select from pg_index where indexrelid = index.key_index and indisunique and indisvalid)
  then
    return query
      select '55000', format('the key of table "%s" of index "%s" was recreated', index.relation, index.name), mend_it;
  elsif index.maintain = 'trigger' and (
    source.relispartition or source.relkind = 'p' or exists (select from pg_inherits where inhparent = index.relation))
  then
    return query
      select '42809', format('table "%s" of index "%s" is now a partition or an inheriting table, or has some: writes through another table fire no trigger',
        index.relation, index.name),
        format('Detach it and repair the codes: "select * from lsh.verify_index(%L, repair => true)"; or create the index again with maintain => ''loader''.', index.name);
  end if;
end
$$;

comment on function lsh_internal.complaint(lsh.index) is
  'Problem that keeps an index from being used, with SQLSTATE and hint; no row if there is none.';

create or replace function lsh_internal.assert_fit(index lsh.index)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  complaint record;
begin
  if lsh_internal.is_fit(index) then
    return;
  end if;
  for complaint in select * from lsh_internal.complaint(index) loop
    raise exception '%', complaint.problem using errcode = complaint.code, hint = complaint.hint;
  end loop;
  raise exception 'index "%" does not fit its tables', index.name
    using errcode = 'object_not_in_prerequisite_state',
          hint = format('Drop the index and create it again: "select lsh.drop_index(%L)", "select lsh.create_index(...)".', index.name);
end
$$;

comment on function lsh_internal.assert_fit(lsh.index) is
  'Raises unless the table of an index is unchanged, so that the index still fits.';
