create or replace function lsh_internal.as_vector("column" name, alias text)
  returns text
  language sql immutable parallel safe
  -- For a column of type vector the cast does nothing, and calls no function. It keeps a statement valid if the type of
  -- the column changes between vector and halfvec: without it, a distance to a halfvec would be computed in half
  -- precision.
  return format('%I.%I::@vector@.vector', alias, "column");

comment on function lsh_internal.as_vector(name, text) is
  'Expression of type vector for a column of type vector or halfvec of a table with an alias. The conversion of halfvec loses nothing.';

create or replace function lsh_internal.vector_expression(index lsh.index, alias text)
  returns text
  language sql immutable parallel safe
  return lsh_internal.as_vector((index).vector_column, alias);

comment on function lsh_internal.vector_expression(lsh.index, text) is
  'Expression of type vector for the vector column of an index, in its table or a transition table with an alias.';
