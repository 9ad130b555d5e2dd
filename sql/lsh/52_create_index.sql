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

create or replace function lsh._key_type(relation regclass, key name)
  returns text
  language sql stable
begin atomic
  -- With its collation, or ties would be broken in another order than in the table.
  select concat_ws(' ', format_type(atttypid, atttypmod),
    (select format('collate %I.%I', pg_namespace.nspname, pg_collation.collname)
     from pg_collation join pg_namespace on pg_namespace.oid = pg_collation.collnamespace
     where pg_collation.oid = pg_attribute.attcollation))
  from pg_attribute
  where attrelid = relation
    and attname = key;
end;

comment on function lsh._key_type(regclass, name) is 'Type of a key as a code table declares it.';

create or replace function lsh._assert_new_index(relation regclass, maintain text)
  returns void
  language plpgsql stable
  set search_path from current
as $$
begin
  if maintain not in ('trigger', 'loader') then
    raise exception 'an index is maintained by "trigger" or "loader", not by "%"', maintain
      using errcode = 'invalid_parameter_value',
            hint = 'trigger keeps the codes in step; loader leaves them to whoever writes the table.';
  elsif current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'an index cannot be created in a % transaction', current_setting('transaction_isolation')
      using errcode = 'active_sql_transaction',
            hint = 'It would not see rows that others have just committed; create it outside, or under read committed.';
  elsif maintain = 'trigger' then
    perform lsh._assert_triggers(relation);
  end if;
end
$$;

comment on function lsh._assert_new_index(regclass, text) is
  'Raises unless an index can be created on the table now, and kept in that way.';

create or replace function lsh._create_code_table(index lsh.index, family lsh.family)
  returns void
  language plpgsql
  set search_path from current
as $$
begin
  execute format(
    'create table lsh_index.%I (bucket int not null, key %s primary key, code bit(%s) not null, norm real, scale real)',
    index.name, lsh._key_type(index.relation, index.key_column), family.bits);
  execute format('comment on table lsh_index.%I is %L', index.name,
    format('Codes of %s.%s by family %s', index.relation, index.vector_column, family.name));
  if index.maintain = 'trigger' then
    execute format('grant select, insert, update, delete, truncate on lsh_index.%I to %s',
      index.name, (select proowner::regrole from pg_proc where oid = 'lsh._maintain()'::regprocedure));
    perform lsh._add_triggers(index);
  end if;
end
$$;

comment on function lsh._create_code_table(lsh.index, lsh.family) is
  'Creates the empty code table of an index and what keeps it in step.';

create or replace function lsh.create_index(
  relation regclass,
  "column" name,
  family text,
  name text default null,
  maintain text default 'trigger',
  probes int default null,
  candidates int default null,
  build text default 'now'
)
  returns text
  language plpgsql
  set search_path from current
as $$
#variable_conflict use_column
declare
  chosen lsh.family := lsh._require_family(family);
  key name := lsh._key_column(relation);
  wanted text := coalesce(create_index.name, (select relname from pg_class where oid = create_index.relation));
  created lsh.index;
begin
  perform lsh._assert_fits(relation, "column", chosen);
  perform lsh._assert_plan(1, create_index.candidates, create_index.probes, null, null);
  if create_index.build not in ('now', 'later') then
    raise exception 'an index is built "now" or "later", not "%"', create_index.build
      using errcode = 'invalid_parameter_value', hint = 'later: by "call lsh.build_index(name)", while the table is written.';
  end if;
  perform lsh._assert_new_name('lsh.index', wanted);
  perform lsh._assert_new_index(relation, create_index.maintain);
  -- Nobody writes between the first look at the rows and the triggers, or the loader's first look at the registry.
  execute format('lock table %s in share row exclusive mode', relation);
  insert into lsh.index (name, relation, key_column, vector_column, family_id, maintain, state, probes, candidates)
  values (
    wanted, create_index.relation, key, "column", chosen.id, create_index.maintain,
    case create_index.build when 'now' then 'ready' else 'building' end,
    coalesce(create_index.probes, lsh._default_probes(chosen)), coalesce(create_index.candidates, 200))
  returning * into created;
  perform lsh._create_code_table(created, chosen);
  if create_index.build = 'later' then
    insert into lsh.index_progress (index_id, done, total)
    select created.id, 0, greatest(pg_class.reltuples, 0) from pg_class where oid = created.relation;
  elsif created.maintain = 'trigger' then
    execute lsh._encoding(created, 'true');
  end if;
  -- After the rows are in.
  execute format('create index on lsh_index.%I (bucket)', created.name);
  execute format('analyze lsh_index.%I', created.name);
  return created.name;
end
$$;

comment on function lsh.create_index(regclass, name, text, text, text, int, int, text) is
  'Creates the code table lsh_index.<name> for a vector column, fills it unless the loader does or build is "later", and returns its name.';

create or replace function lsh._default_probes(family lsh.family)
  returns int
  language sql immutable parallel safe
  -- A seventh of the buckets, the best first, holds nearly all neighbours; learned cells follow the data more closely.
  return case (family).bucket_kind
    when 'voronoi' then greatest(4, least(128, (family).bucket_count / 16))
    else greatest(8, least(256, (family).bucket_count / 7))
  end;

comment on function lsh._default_probes(lsh.family) is 'Buckets to visit for an index that was not tuned.';
