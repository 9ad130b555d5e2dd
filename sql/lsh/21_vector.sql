-- Arithmetic for vectors whose elements lie anywhere in the range of 4-byte numbers. pgvector's own operators raise an
-- error if an element of the result overflows or underflows.

create or replace function lsh_internal.scaled(vector @vector@.vector, factor float8)
  returns @vector@.vector
  language sql immutable strict parallel safe
begin atomic
  select array_agg(
    (case when abs(element * factor) < 1e-37::float8 then 0::float8 else element * factor end)::real
    order by ordinal)::@vector@.vector
  from unnest(vector::real[]) with ordinality as part (element, ordinal);
end;

comment on function lsh_internal.scaled(@vector@.vector, float8) is
  'A vector times a number; elements smaller than 1e-37 become 0.';

create or replace function lsh_internal.difference(a @vector@.vector, b @vector@.vector)
  returns @vector@.vector
  language sql immutable parallel safe
  -- The factor is 2^-80.
  return case
    when @vector@.vector_norm(a) + @vector@.vector_norm(b) < 1e18::float8 then @vector@.vector_sub(a, b)
    else @vector@.vector_sub(
      lsh_internal.scaled(a, 8.271806125530277e-25::float8), lsh_internal.scaled(b, 8.271806125530277e-25::float8))
  end;

comment on function lsh_internal.difference(@vector@.vector, @vector@.vector) is
  'a - b; divided by 2^80, in the same direction, if its square might leave the range of 4-byte numbers.';

create or replace function lsh_internal.as_real(number float8)
  returns real
  language sql immutable parallel safe
  return case
    when abs(number) < 1.2e-38::float8 then 0::real
    else greatest(-3.4e38::float8, least(3.4e38::float8, number))::real
  end;

comment on function lsh_internal.as_real(float8) is
  'A number as 4-byte number: numbers beyond the range become the largest, numbers too small for it 0.';

create or replace function lsh_internal.as_vectors(texts text[])
  returns @vector@.vector[]
  language sql immutable parallel safe
  return texts::@vector@.vector[];

comment on function lsh_internal.as_vectors(text[]) is
  'Casts texts to vectors, whatever schema the type is in; called by clients.';
