create or replace function lsh._encoding(index lsh.index, rows text)
  returns text
  language sql stable
begin atomic
  -- In the order of buckets, so that those of one bucket share pages. Somebody who fills the index meanwhile
  -- may have added the row as it was before.
  select format(
    'insert into lsh_index.%1$I (bucket, key, code, norm, scale)
     select hashed.bucket, source.%2$I, hashed.code, hashed.norm, hashed.scale
     from %4$s as source
       cross join lateral lsh._hashed(%5$s, source.%3$I) as hashed
     where source.%3$I is not null
       and %6$s
     order by hashed.bucket
     on conflict (key) do update
     set bucket = excluded.bucket, code = excluded.code, norm = excluded.norm, scale = excluded.scale',
    (_encoding.index).name, (_encoding.index).key_column, (_encoding.index).vector_column,
    (_encoding.index).relation, (_encoding.index).family_id, rows);
end;

comment on function lsh._encoding(lsh.index, text) is
  'Statement that encodes those rows of an indexed table that fulfil a condition on "source". A text, since a trigger''s transition tables are seen only by statements of the trigger itself.';

create or replace function lsh._touched(index lsh.index, operation text)
  returns text
  language sql stable
begin atomic
  -- Of an update, rows whose key and vector stay keep their code.
  select format(
    case operation
      when 'INSERT' then 'select %1$I from new_rows'
      when 'DELETE' then 'select %1$I from old_rows'
      else
        'select %1$I from new_rows
         where not exists (
           select from old_rows where old_rows.%1$I = new_rows.%1$I and old_rows.%2$I = new_rows.%2$I)
         union all
         select %1$I from old_rows
         where not exists (
           select from new_rows where new_rows.%1$I = old_rows.%1$I and new_rows.%2$I = old_rows.%2$I)'
    end,
    (_touched.index).key_column, (_touched.index).vector_column);
end;

comment on function lsh._touched(lsh.index, text) is
  'Query over the transition tables for the keys whose code a statement may have changed.';

create or replace function lsh._maintain()
  returns trigger
  language plpgsql
  -- As an index does, this writes the codes with the rights of their owner.
  security definer
  set search_path from current
as $$
declare
  index lsh.index;
  touched text;
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
  perform lsh._assert_columns(index);
  if tg_op = 'TRUNCATE' then
    execute format('truncate lsh_index.%I', index.name);
    return null;
  end if;
  -- By an array, which is planned in less time than a join, and is as good.
  -- Encoded from the table as it is now, not from the transition tables: another trigger, or a
  -- statement inside this one, may have changed the row again.
  touched := lsh._touched(index, tg_op);
  -- Rows that are new have no code, or one that the encoding replaces.
  if tg_op <> 'INSERT' then
    execute format('delete from lsh_index.%I as code where code.key = any (array(%s))', index.name, touched);
  end if;
  execute lsh._encoding(index, format('source.%I = any (array(%s))', index.key_column, touched));
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
