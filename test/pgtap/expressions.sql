-- Distances, codes and scores of sets: known values, nulls, and what is refused.
begin;

create extension if not exists pgtap;

select plan(24);

select is(lsh.hamming(B'10110', B'00111'), 2, 'hamming counts the positions that differ');
select is(lsh.hamming(B'10110', B'10110'), 0, 'a code has distance 0 to itself');
select is(lsh.hamming(null, B'1'), null, 'hamming of nothing is null');
select throws_ok($$select lsh.hamming(B'01', B'011')$$, '22026', null, 'codes of two lengths are not compared');
select is(
  (select count(*) from generate_series(0, 63) as a, generate_series(0, 63) as b
   where lsh.hamming(a::bit(6), b::bit(6)) <> bit_count(a::bit(6) # b::bit(6))),
  0::bigint, 'hamming is bit_count of the exclusive or, for all codes of 6 bits');

select is(lsh.l2_distance('[1,2,3]', '[1,2,5]'), 2::float8, 'l2_distance is Euclidean');
select is(lsh.l2_distance('[1,2,3]', null), null, 'l2_distance to nothing is null');
select throws_ok($$select lsh.l2_distance('[1]', '[1,2]')$$, '22000', null, 'vectors of two lengths are not compared');
select is(lsh.cosine_distance('[1,0]', '[0,1]'), 1::float8, 'vectors at a right angle have cosine distance 1');
select is(lsh.cosine_distance('[1,0]', '[-2,0]'), 2::float8, 'opposite vectors have cosine distance 2');
select is(lsh.cosine_distance('[0,0]', '[1,0]'), 'NaN'::float8, 'a vector of zeros has no direction');
select is(lsh.binary_quantize('[0.5,-1,0]'), B'100', 'binary_quantize keeps the signs');

select is(lsh.dice(array[1, 2, 3], array[2, 3, 4]), 2 / 3::float8, 'dice of two thirds');
select is(lsh.jaccard(array[1, 2, 3], array[2, 3, 4]), 0.5::float8, 'jaccard of a half');
select is(lsh.dice(array[1, 2], array[2, 1]), 1::float8, 'the order of a set says nothing');
select is(lsh.dice(array[]::int[], array[]::int[]), null, 'dice of two empty sets is null');
select is(lsh.jaccard(array['a'], array[]::text[]), 0::float8, 'an empty set has nothing in common');
select is(
  (select count(*) from generate_series(1, 20) as n, generate_series(1, 20) as m
   where abs(
     lsh.jaccard(array(select generate_series(1, n)), array(select generate_series(m, 20)))
     - lsh.dice(array(select generate_series(1, n)), array(select generate_series(m, 20)))
       / (2 - lsh.dice(array(select generate_series(1, n)), array(select generate_series(m, 20))))) > 1e-12),
  0::bigint, 'J = D / (2 - D) for all of 400 pairs of sets');

select is(lsh.expected_hamming('kernel', 0, 1), 0::float8, 'equal rows are expected to have equal codes');
select cmp_ok(lsh.expected_hamming('kernel', 1, 1), '<', lsh.expected_hamming('kernel', 2, 1), 'farther rows differ in more bits');
select cmp_ok(
  abs(lsh.expected_hamming('kernel', 1000, 1) - 4 / pi() ^ 2), '<', 1e-3::float8, 'far rows of a kernel differ in 4/pi^2 of the bits');
select is(lsh.expected_hamming('kernel', null, 1), null, 'no distance, no share');
select is(lsh.expected_hamming('sign', 1), null, 'no share where a figure that it needs is missing');
select ok(lsh.expected_hamming('unknown', 1) is null, 'nor has what is no kind');

select * from finish();
rollback;
