-- A table of 300 documents with a hash index, for the files that include this one; all of it is rolled back.
create extension if not exists pgtap;

create table document (id int primary key, topic text not null, written date, embedding vector(3));

insert into document
select i, (array['heart', 'lung', 'brain'])[1 + i % 3], date '2024-01-01' + i, array[sin(i), cos(i), i % 7]::vector
from generate_series(1, 300) as i;

-- Without rows of their own in the output.
do $$
begin
  perform lsh.create_family('tap_document', 'document', 'embedding', bits => 64, kind => 'sign', bucket_bits => 3);
  perform lsh.create_index('document', 'embedding', 'tap_document', name => 'tap_document');
end
$$;
