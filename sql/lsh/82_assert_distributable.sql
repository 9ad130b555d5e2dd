create or replace function lsh_internal.assert_citus()
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from pg_extension where extname = 'citus') then
    raise exception 'this database has no extension citus'
      using errcode = 'feature_not_supported',
            hint = 'On the coordinator of a cluster run "create extension citus", and add its workers with "select citus_add_node(...)".';
  elsif not lsh_internal.owns('lsh.index') then
    raise exception 'must be owner of schema lsh'
      using errcode = 'insufficient_privilege',
            hint = format('Let role %I run this, or a superuser.', lsh_internal.owner_of('lsh.index'));
  end if;
end
$$;

comment on function lsh_internal.assert_citus() is 'Raises unless the caller can distribute tables in this database.';

create or replace function lsh_internal.assert_distributable(index lsh.index)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  source pg_class := (select pg_class from pg_class where pg_class.oid = index.relation);
  problem text;
begin
  if index.maintain <> 'loader' then
    raise exception 'index "%" is maintained by triggers, which Citus refuses', index.name
      using errcode = 'feature_not_supported',
            hint = format('Drop it with "select lsh.drop_index(%L)", create it with lsh.create_index with maintain => ''loader'', and write its codes with "pg-lsh load" or "select lsh.verify_index(%L, repair => true)".',
              index.name, index.name);
  elsif index.state = 'building' then
    raise exception 'index "%" is being built', index.name
      using errcode = 'object_not_in_prerequisite_state', hint = format('Finish it: "call lsh.build_index(%L)".', index.name);
  elsif source.relrowsecurity and index.security <> 'open' then
    raise exception 'policies of table "%" would not hide the codes of index "%" on the workers', index.relation, index.name
      using errcode = 'feature_not_supported',
            hint = 'Create the index again with security => ''open'' if every searching role may know all rows.';
  elsif source.relkind = 'p' or source.relispartition or exists (
    select from pg_inherits where inhparent = index.relation or inhrelid = index.relation)
  then
    raise exception 'table "%" is a partition or an inheriting table, or has some', index.relation
      using errcode = 'feature_not_supported', hint = 'Copy its rows into one table with a primary key: Citus splits it automatically.';
  end if;
  problem := (
    select format('%s "%s" does not hold column "%s"', case when indisprimary then 'primary key' else 'unique index' end,
      indexrelid::regclass, index.key_column)
    from pg_index
    where indrelid = index.relation
      and (indisunique or indisexclusion)
      and not (select attnum from pg_attribute where attrelid = index.relation and attname = index.key_column) = any (indkey)
    limit 1);
  if problem is not null then
    raise exception 'table "%" is distributed by its key, and %', index.relation, problem
      using errcode = 'feature_not_supported', hint = 'Citus only keeps rows unique within a shard: drop it, or add the key column to it.';
  end if;
  problem := (
    select format('foreign key "%s" of table "%s"', conname, conrelid::regclass)
    from pg_constraint
    where contype = 'f'
      and index.relation in (conrelid, confrelid)
      and not lsh_internal.is_distributed(case conrelid when index.relation then confrelid else conrelid end)
    limit 1);
  if problem is not null then
    raise exception 'table "%" cannot be distributed: % refers to a table that stays on the coordinator', index.relation, problem
      using errcode = 'feature_not_supported',
            hint = 'Drop the foreign key, or distribute the other table first: "select create_reference_table(...)".';
  end if;
  problem := (
    select tgname from pg_trigger where tgrelid = index.relation and not tgisinternal limit 1);
  if problem is not null then
    raise exception 'table "%" has trigger "%", and Citus refuses triggers', index.relation, problem
      using errcode = 'feature_not_supported', hint = format('Drop it: "drop trigger %I on %s".', problem, index.relation);
  end if;
end
$$;

comment on function lsh_internal.assert_distributable(lsh.index) is 'Raises, with a hint, if Citus would refuse a table of an index.';
