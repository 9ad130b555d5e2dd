create or replace function lsh_internal.problems(index lsh.index, family lsh.family)
  returns table (key text, problem text)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  -- Families that a code may belong to by mistake. They are selected before the codes are read, since the planner may
  -- evaluate conditions of the query below in any order, so that a condition there would protect nothing.
  others constant int[] := array(
    select other.id from lsh.family as other
    where other.id <> family.id and other.dims = family.dims and other.bits = family.bits order by other.id);
  tokens constant uuid[] := array(select other.token from lsh.family as other where other.id = any (others) order by other.id);
begin
  if lsh_internal.is_distributed(index) then
    return query select * from lsh_internal.shard_problems(index, family);
    return;
  end if;
  return query execute format(
    'select
       coalesce(source.key, code.key)::text,
       case
         when code.key is null then ''missing''
         when source.key is null then ''orphaned''
         when exists (
           select from unnest($3, $4) as other (id, token)
           where lsh_internal.agrees(other.id, other.token, source.vector, code.code, code.bucket)) then ''wrong family''
         else ''stale''
       end
     from (
       select lsh_source.%1$I as key, %5$s as vector from %3$s as lsh_source where lsh_source.%2$I is not null
     ) as source
       full join %4$s as code on code.key = source.key
     where case
         when code.key is null or source.key is null then true
         else not lsh_internal.agrees($1, $2, source.vector, code.code, code.bucket)
       end
     order by 1',
    index.key_column, index.vector_column, lsh_internal.own_rows(index.relation), index.codes,
    lsh_internal.vector_expression(index, 'lsh_source'))
  using family.id, family.token, others, tokens;
end
$$;

comment on function lsh_internal.problems(lsh.index, lsh.family) is
  'Rows whose code is missing, orphaned, stale or of a wrong family.';

create or replace function lsh_internal.warn_of_triggers(index lsh.index)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  wrong record;
begin
  for wrong in select * from lsh_internal.wrong_triggers(index) loop
    raise warning 'trigger "%" of table "%" is %: the codes of index "%" are not maintained', wrong.name, index.relation, wrong.problem, index.name
      using hint = format('Run "select lsh.mend_index(%L)", then "select * from lsh.verify_index(%L, repair => true)".', index.name, index.name);
  end loop;
end
$$;

comment on function lsh_internal.warn_of_triggers(lsh.index) is
  'Warns of triggers of an index that are missing, disabled or enabled in the wrong mode.';

create or replace function lsh.verify_index(index text, repair boolean default false)
  returns table (key text, problem text)
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  -- With repair, the lock keeps rows unchanged between the comparison and the new code.
  chosen lsh.index := lsh_internal.held_index(verify_index.index, case when repair then 'share row exclusive' else 'row exclusive' end);
  family lsh.family := lsh_internal.family_of(chosen);
  keys text[];
  problems text[];
begin
  perform lsh_internal.warn_of_triggers(chosen);
  if repair then
    perform lsh_internal.lock_codes(chosen);
  end if;
  select array_agg(found.key order by found.key), array_agg(found.problem order by found.key)
  into keys, problems
  from lsh_internal.problems(chosen, family) as found;
  if repair and keys is not null then
    execute format('delete from %s as lsh_code where lsh_code.key = any ($1::%s[])', chosen.codes, lsh_internal.bare_type(chosen))
    using keys;
    if lsh_internal.is_distributed(chosen) then
      perform lsh_internal.fill_shards(chosen, chosen.codes, family,
        format('source.%I = any (%s)', chosen.key_column, lsh_internal.key_list(chosen, keys)));
    else
      execute lsh_internal.encoding(chosen, chosen.codes, family.id,
        format('lsh_source.%I = any ($2::%s[])', chosen.key_column, lsh_internal.bare_type(chosen)))
      using family.token, keys;
    end if;
  end if;
  if chosen.state = 'suspect' and (repair or keys is null) then
    update lsh.index as registered set state = 'ready' where registered.id = chosen.id;
  end if;
  return query select * from unnest(keys, problems);
end
$$;

comment on function lsh.verify_index(text, boolean) is
  'Compares every code with its row and returns wrong codes: missing, orphaned, stale or of a wrong family. With repair, it recomputes them.';
