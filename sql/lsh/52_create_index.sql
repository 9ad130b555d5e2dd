create or replace function lsh._assert_new_name(registry regclass, name text)
  returns void
  language plpgsql stable
  set search_path from current
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
            hint = format('Take another, or drop what has it; see "select * from %s".', registry);
  end if;
end
$$;

comment on function lsh._assert_new_name(regclass, text) is
  'Raises unless a name can be given to a new index or space.';

create or replace function lsh._assert_triggers(relation regclass)
  returns void
  language plpgsql stable
  set search_path from current
as $$
declare
  keeper regrole := (select proowner::regrole from pg_proc where oid = 'lsh._maintain()'::regprocedure);
begin
  if exists (select from pg_inherits where inhparent = relation)
    or (select relkind from pg_class where oid = relation) = 'p' then
    raise exception 'table "%" has partitions or children, whose rows its triggers do not see', relation
      using errcode = 'wrong_object_type', hint = 'Use maintain => ''loader'', or index the partitions one by one.';
  elsif not has_table_privilege(keeper, relation, 'select') then
    raise exception 'role %, which keeps the codes, may not read table "%"', keeper, relation
      using errcode = 'insufficient_privilege', hint = format('Run "grant select on %s to %s".', relation, keeper);
  end if;
end
$$;

comment on function lsh._assert_triggers(regclass) is
  'Raises unless triggers on the table can keep its codes.';

create or replace function lsh.create_index(
  relation regclass,
  "column" name,
  family text,
  name text default null,
  maintain text default 'trigger',
  probes int default null,
  candidates int default 200
)
  returns text
  language plpgsql
  set search_path from current
as $$
#variable_conflict use_column
declare
  chosen lsh.family := lsh._require_family(family);
  key name := lsh._key_column(relation);
  key_type text;
  vector_dims int;
  wanted text := coalesce(create_index.name, (select relname from pg_class where oid = create_index.relation));
  created lsh.index;
begin
  perform lsh._assert_vector_column(relation, "column");
  if create_index.maintain not in ('trigger', 'loader') then
    raise exception 'an index is maintained by "trigger" or "loader", not by "%"', create_index.maintain
      using errcode = 'invalid_parameter_value',
            hint = 'trigger keeps the codes in step; loader leaves them to whoever writes the table.';
  elsif create_index.probes < 1 or create_index.candidates < 1 then
    raise exception 'probes and candidates are at least 1, not % and %', create_index.probes, create_index.candidates
      using errcode = 'invalid_parameter_value', hint = 'Leave them out to have them chosen.';
  end if;
  perform lsh._assert_new_name('lsh.index', wanted);
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'an index cannot be created in a % transaction', current_setting('transaction_isolation')
      using errcode = 'active_sql_transaction',
            hint = 'It would not see rows that others have just committed; create it outside, or under read committed.';
  elsif create_index.maintain = 'trigger' then
    perform lsh._assert_triggers(relation);
  end if;
  -- Nobody writes between the first look at the rows and the triggers, or the loader's first look at the registry.
  execute format('lock table %s in share row exclusive mode', relation);
  -- pgvector keeps the dimension itself in the type modifier, -1 where a column takes any.
  select atttypmod into vector_dims from pg_attribute where attrelid = create_index.relation and attname = "column";
  if vector_dims not in (-1, chosen.dims) then
    raise exception 'column "%" has % dimensions, family "%" has %', "column", vector_dims, family, chosen.dims
      using errcode = 'LSH02', hint = 'Create a family for this column: "select lsh.create_family(…)".';
  end if;
  -- With its collation, or ties would be broken in another order than in the table.
  select concat_ws(' ', format_type(atttypid, atttypmod),
    (select format('collate %I.%I', pg_namespace.nspname, pg_collation.collname)
     from pg_collation join pg_namespace on pg_namespace.oid = pg_collation.collnamespace
     where pg_collation.oid = pg_attribute.attcollation))
  into key_type
  from pg_attribute
  where attrelid = create_index.relation and attname = key;

  insert into lsh.index (name, relation, key_column, vector_column, family_id, maintain, probes, candidates)
  values (
    wanted, create_index.relation, key, "column", chosen.id, create_index.maintain,
    -- A seventh of the buckets, the best first, holds nearly all neighbours.
    coalesce(create_index.probes, greatest(8, least(256, (1 << chosen.bucket_bits) / 7))),
    create_index.candidates)
  returning * into created;

  execute format(
    'create table lsh_index.%I (bucket int not null, key %s primary key, code bit(%s) not null, norm real not null)',
    created.name, key_type, chosen.bits);
  execute format('comment on table lsh_index.%I is %L', created.name,
    format('Codes of %s.%s by family %s', created.relation, created.vector_column, chosen.name));
  if created.maintain = 'trigger' then
    execute format('grant select, insert, delete, truncate on lsh_index.%I to %s',
      created.name, (select proowner::regrole from pg_proc where oid = 'lsh._maintain()'::regprocedure));
    perform lsh._add_triggers(created);
    execute lsh._encoding(created, null);
  end if;
  -- After the rows are in, and everything a candidate needs inside: the search never sees the table.
  execute format('create index on lsh_index.%I (bucket) include (key, code, norm)', created.name);
  execute format('analyze lsh_index.%I', created.name);
  return created.name;
end
$$;

comment on function lsh.create_index(regclass, name, text, text, text, int, int) is
  'Creates the code table lsh_index.<name> for a vector column, fills it unless the loader does, and returns its name.';
