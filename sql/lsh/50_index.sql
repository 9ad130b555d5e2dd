create or replace function lsh._require_index(index text)
  returns lsh.index
  language plpgsql stable
  set search_path from current
as $$
declare
  found lsh.index;
begin
  select * into found from lsh.index as registered where registered.name = _require_index.index;
  if found.id is null then
    raise exception 'index "%" does not exist', index
      using errcode = 'LSH01', hint = 'List the indexes with "select name, relation from lsh.index".';
  elsif not exists (select from pg_class where pg_class.oid = found.relation) then
    raise exception 'the table of index "%" was dropped', index
      using errcode = 'undefined_table', hint = format('Clean up with "select lsh.drop_index(%L)".', index);
  end if;
  return found;
end
$$;

comment on function lsh._require_index(text) is
  'Registry row of an index; an error where there is none or its table is gone.';

create or replace function lsh._encoding(index lsh.index, source text)
  returns text
  language sql stable
begin atomic
  select format(
    'insert into lsh_index.%1$I (bucket, key, code, norm)
     select lsh._bucket(%5$s, source.%2$I), source.%3$I, lsh._code(%5$s, source.%2$I),
       vector_norm(lsh._centered(%5$s, source.%2$I))
     from %4$s as source
     where source.%2$I is not null
       and not exists (select from lsh_index.%1$I as code where code.key = source.%3$I)',
    (_encoding.index).name, (_encoding.index).vector_column, (_encoding.index).key_column, source,
    (_encoding.index).family_id);
end;

comment on function lsh._encoding(lsh.index, text) is
  'Statement that encodes the rows of a relation that have no code yet. A text, since a trigger''s transition tables are seen only by statements of the trigger itself.';

create or replace function lsh._maintain()
  returns trigger
  language plpgsql
  -- As an index does, this writes the codes with the rights of their owner.
  security definer
  set search_path from current
as $$
declare
  index lsh.index;
begin
  -- Or whoever may create a trigger could write the codes of any index.
  select * into index
  from lsh.index as registered
  where registered.id = tg_argv[0]::int and registered.relation = tg_relid;
  if index.id is null then
    raise exception 'table "%" has no index %', tg_relid::regclass, tg_argv[0]
      using errcode = 'LSH01',
            hint = format('Remove its trigger "%s": it is left from an index that was dropped.', tg_name);
  end if;
  if tg_op = 'TRUNCATE' then
    execute format('truncate lsh_index.%I', index.name);
  elsif tg_op = 'DELETE' then
    execute format('delete from lsh_index.%I as code using old_rows where code.key = old_rows.%I',
      index.name, index.key_column);
  elsif tg_op = 'UPDATE' then
    -- Rows whose vector stays keep their code.
    execute format(
      'delete from lsh_index.%1$I as code using old_rows
       where code.key = old_rows.%2$I
         and not exists (
           select from new_rows
           where new_rows.%2$I = old_rows.%2$I and new_rows.%3$I = old_rows.%3$I)',
      index.name, index.key_column, index.vector_column);
  end if;
  if tg_op in ('INSERT', 'UPDATE') then
    execute lsh._encoding(index, 'new_rows');
  end if;
  return null;
end
$$;

comment on function lsh._maintain() is
  'Statement trigger that keeps a code table in step; its argument is the id of the index.';

create or replace function lsh._add_triggers(index lsh.index)
  returns void
  language plpgsql
  set search_path from current
as $$
declare
  event record;
begin
  for event in
    select *
    from (values
      ('insert', 'referencing new table as new_rows'),
      ('update', 'referencing old table as old_rows new table as new_rows'),
      ('delete', 'referencing old table as old_rows'),
      ('truncate', '')) as event (name, tables)
  loop
    execute format(
      'create trigger %I after %s on %s %s for each statement execute function lsh._maintain(%L)',
      'lsh_' || index.id || '_' || event.name, event.name, index.relation, event.tables, index.id);
  end loop;
end
$$;

comment on function lsh._add_triggers(lsh.index) is
  'Installs the four triggers of an index; they lock the table against writers until the transaction ends.';

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
  select format_type(atttypid, atttypmod) into key_type
  from pg_attribute
  where attrelid = create_index.relation and attname = key;

  insert into lsh.index (name, relation, key_column, vector_column, family_id, maintain, probes, candidates)
  values (
    coalesce(create_index.name, (select relname from pg_class where oid = create_index.relation)),
    create_index.relation, key, "column", chosen.id, create_index.maintain,
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
    perform lsh._add_triggers(created);
    execute lsh._encoding(created, created.relation::text);
  end if;
  -- After the rows are in, and everything a candidate needs inside: the search never sees the table.
  execute format('create index on lsh_index.%I (bucket) include (key, code, norm)', created.name);
  execute format('analyze lsh_index.%I', created.name);
  return created.name;
end
$$;

comment on function lsh.create_index(regclass, name, text, text, text, int, int) is
  'Creates the code table lsh_index.<name> for a vector column, fills it unless the loader does, and returns its name.';

create or replace function lsh.drop_index(name text)
  returns void
  language plpgsql
  set search_path from current
as $$
declare
  dropped lsh.index;
  event text;
begin
  delete from lsh.index as registered where registered.name = drop_index.name returning * into dropped;
  if dropped.id is null then
    raise exception 'index "%" does not exist', name
      using errcode = 'LSH01', hint = 'List the indexes with "select name, relation from lsh.index".';
  end if;
  if exists (select from pg_class where pg_class.oid = dropped.relation) then
    foreach event in array array['insert', 'update', 'delete', 'truncate'] loop
      execute format('drop trigger if exists %I on %s', 'lsh_' || dropped.id || '_' || event, dropped.relation);
    end loop;
  end if;
  execute format('drop table if exists lsh_index.%I', dropped.name);
end
$$;

comment on function lsh.drop_index(text) is 'Removes an index, its code table and its triggers.';
