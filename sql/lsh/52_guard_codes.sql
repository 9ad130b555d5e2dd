create or replace function lsh_internal.visibility_body(index lsh.index)
  returns text
  language sql stable
begin atomic
  select format('begin return exists (select from %s as lsh_source where lsh_source.%I operator(pg_catalog.=) $1); end',
    lsh_internal.own_rows((visibility_body.index).relation), (visibility_body.index).key_column);
end;

comment on function lsh_internal.visibility_body(lsh.index) is
  'Body of the function that checks, in the table of an index, whether the caller may see a row.';

create or replace function lsh_internal.visibility_function(index lsh.index)
  returns regprocedure
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select to_regprocedure(format('lsh_index.%I(%s)', index.name, format_type(atttypid, -1)))
    from pg_attribute where attrelid = index.codes and attname = 'key');
end
$$;

comment on function lsh_internal.visibility_function(lsh.index) is
  'Function that checks, in the table of an index, whether the caller may see a row; null if there is none.';

create or replace function lsh_internal.is_guarded(index lsh.index)
  returns boolean
  language plpgsql stable
  -- With quote_all_identifiers on, the body would quote every name and differ from the stored one.
  set search_path = pg_catalog, pg_temp set quote_all_identifiers = off
as $$
begin
  return index.security = 'open'
    -- Workers do not know which roles may see which rows, so a distributed table must have no policies.
    or lsh_internal.is_distributed(index) and not (select relrowsecurity from pg_class where oid = index.relation)
    or exists (
    select
    from pg_proc
    where not lsh_internal.is_distributed(index)
      and oid = lsh_internal.visibility_function(index)
      and prosrc = lsh_internal.visibility_body(index)
      and proowner = (select relowner from pg_class where oid = index.relation));
end
$$;

comment on function lsh_internal.is_guarded(lsh.index) is
  'Whether the codes of an index are guarded as its table requires now: by an up-to-date visibility function, unless the index is open or distributed.';

create or replace function lsh_internal.unguard_codes(codes regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from pg_policy where polrelid = codes and polname = 'lsh_search') then
    execute format('drop policy lsh_search on %s', codes);
  end if;
end
$$;

comment on function lsh_internal.unguard_codes(regclass) is
  'Drops the policy of a code table, so that its functions can be recreated. Until then only the owner sees codes.';

create or replace function lsh_internal.guard_codes(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp set quote_all_identifiers = off
as $$
declare
  type constant text := lsh_internal.bare_type(index);
begin
  perform lsh_internal.unguard_codes(index.codes);
  if index.security <> 'open' and lsh_internal.is_distributed(index)
    and (select relrowsecurity from pg_class where oid = index.relation)
  then
    raise exception 'policies of distributed table "%" would not hide the codes of index "%"', index.relation, index.name
      using errcode = 'feature_not_supported',
            hint = format('Bring it back to one machine first: "select lsh.undistribute(%L)".', index.name);
  elsif index.security = 'open' or lsh_internal.is_distributed(index) then
    execute format('alter table %s disable row level security', index.codes);
    return;
  end if;
  -- The name of the table is part of the body, so that its plan is cached and the check of a row takes microseconds: a
  -- function that looked the name up would plan a query for each row. lsh.mend_index updates the body.
  execute format(
    'create or replace function lsh_index.%1$I(%2$s)
       returns boolean
       language plpgsql stable cost 10
     as %3$L',
    index.name, type, lsh_internal.visibility_body(index));
  execute format('comment on function lsh_index.%I(%s) is %L', index.name, type,
    'Whether the caller may see a row; called if policies of the table apply to the caller.');
  execute format(
    'create policy lsh_search on %s for select
       using ((select not lsh_internal.hides(%s)) or lsh_index.%I(key))',
    index.codes, index.id, index.name);
  execute format('alter table %s enable row level security', index.codes);
end
$$;

comment on function lsh_internal.guard_codes(lsh.index) is
  'Shows each role only the codes of rows that it may see. The codes of an open index are visible to every role that may read it.';

create or replace function lsh_internal.hides(index_id int)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  index lsh.index;
begin
  select * into index from lsh.index as registered where registered.id = index_id;
  if index.id is null then
    return true;
  elsif not row_security_active(index.relation) then
    return false;
  elsif not lsh_internal.is_guarded(index) then
    raise exception 'table "%" or its key was renamed, and index "%" still uses the old name for its policies', index.relation, index.name
      using errcode = 'object_not_in_prerequisite_state',
            hint = format('Run "select lsh.mend_index(%L)" as role %I or as a superuser.', index.name, lsh_internal.owner_of(index.relation));
  end if;
  return true;
end
$$;

comment on function lsh_internal.hides(int) is
  'Whether policies of the table of an index may hide rows from the caller; called once per statement.';
