-- What analysts call is there, with the types, the volatility and the columns that their statements rely on.
begin;

create extension if not exists pgtap;

select plan(55);

select has_schema('lsh');
select has_schema('cbir');
select has_extension('vector');

create temporary table wanted (name text, arguments text[], result text, volatility text);

insert into wanted values
  ('search', '{text,vector,integer,integer,integer,text[],jsonb,text[],text,text}', 'setof record', 'stable'),
  ('nearest', '{anyelement,vector,text,integer,integer,integer,text[],jsonb,text[],text,text,text,text}', 'setof record', 'stable'),
  ('search_exact', '{text,vector,integer,text[],jsonb,text[]}', 'setof record', 'stable'),
  ('within', '{text,vector,double precision,integer,text[],jsonb,text[]}', 'setof record', 'stable'),
  ('pairs', '{text,double precision,text,integer,integer}', 'setof record', 'stable'),
  ('compare', '{text,text[],integer[],integer,integer,jsonb,text,text}', 'setof record', 'stable'),
  ('explain_search', '{text,vector,integer,integer,integer,text[],jsonb,text[],text,text}', 'setof record', 'stable'),
  ('index_stats', '{text}', 'setof record', 'stable'),
  ('index_of', '{regclass}', 'text', 'stable'),
  ('encode', '{text,vector}', 'bit', 'stable'),
  ('probes', '{text,vector,integer}', 'integer[]', 'stable'),
  ('hamming', '{bit,bit}', 'integer', 'immutable'),
  ('l2_distance', '{vector,vector}', 'double precision', 'immutable'),
  ('cosine_distance', '{vector,vector}', 'double precision', 'immutable'),
  ('dice', '{anyarray,anyarray}', 'double precision', 'immutable'),
  ('jaccard', '{anyarray,anyarray}', 'double precision', 'immutable');

select has_function('lsh', name, arguments) from wanted order by name;
select function_returns('lsh', name, arguments, result) from wanted order by name;
select volatility_is('lsh', name, arguments, volatility) from wanted order by name;

select has_view('cbir', name, format('view cbir.%s is there', name))
from unnest(array['slices', 'plans', 'structures']) as name;
select has_view('lsh', 'health', 'view lsh.health is there');

select * from finish();
rollback;
