create or replace function lsh_internal.as_vector(relation regclass, "column" name, alias text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- A column of type vector is used as it is, without a function call for each row. halfvec is converted by a call of
  -- the function behind the cast, so that no user-defined cast can be chosen.
  return format(
    case
      when exists (
        select from pg_attribute
        where attrelid = relation and attname = "column" and atttypid = '@vector@.halfvec'::regtype)
        then '@vector@.halfvec_to_vector(%I.%I, -1, true)'
      else '%I.%I'
    end,
    alias, "column");
end
$$;

comment on function lsh_internal.as_vector(regclass, name, text) is
  'Expression of type vector for a vector column of a table with an alias. halfvec is converted, which loses nothing.';

create or replace function lsh_internal.vector_expression(index lsh.index, alias text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return lsh_internal.as_vector(index.relation, index.vector_column, alias);
end
$$;

comment on function lsh_internal.vector_expression(lsh.index, text) is
  'Expression of type vector for the vector column of an index, in its table or a transition table with an alias.';
