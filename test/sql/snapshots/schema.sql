-- schemas

schema cbir -- Content-based image retrieval: plans, slices, structures, encoders and spaces.
schema lsh -- Locality-sensitive hashing over pgvector columns
schema lsh_index -- Code tables, one for each row of lsh.index and of the same name.
schema space -- Feature vectors, one table for each row of cbir.space and of the same name.

-- tables

table cbir.encoder -- Trained encoders with all that is needed to encode a query exactly as the stored items were.
table cbir.item -- Retrievable images of any kind.
table cbir.patient -- Patients by pseudonym; nothing here identifies a person.
table cbir.plan -- Treatment plans, each loaded in one transaction.
table cbir.slice -- Axial slices: the items of a plan, with their images at full depth.
view cbir.slices -- Slices with the plan and patient they belong to, without the images.
table cbir.space -- Feature spaces: space.<name> holds a vector for each item that was encoded.
table cbir.structure -- Delineated targets and organs with their volume and dose.
table lsh.family -- Hash families: immutable, one row for each draw of random directions.
table lsh.index -- Code tables and what they stand for: lsh_index.<name> holds a code for each row of relation.
table lsh.projection -- The directions of a family: those of code bits and those of bucket bits.

-- columns

cbir.encoder.id integer not null generated always as identity
cbir.encoder.name text not null
cbir.encoder.dataset text not null
cbir.encoder.architecture text not null
cbir.encoder.dims integer not null
cbir.encoder.preprocessing jsonb not null -- How a slice becomes the input of the network: channel, size, window.
cbir.encoder.topology jsonb not null
cbir.encoder.weights bytea not null storage external -- All weights as little-endian float4, in the order of topology.
cbir.encoder.history jsonb not null
cbir.encoder.training jsonb not null -- Seed, back end, losses and quality of the training.
cbir.encoder.trained_on integer[] not null -- Patients whose slices took part in the training, those of the early stop included.
cbir.encoder.checksum text not null -- sha256 over architecture, preprocessing and weights.
cbir.encoder.created_at timestamp with time zone not null default now()
cbir.item.id integer not null generated always as identity
cbir.item.dataset text not null
cbir.item.kind text not null
cbir.item.source_key text not null
cbir.item.label text
cbir.item.attributes jsonb not null default '{}'::jsonb
cbir.item.preview bytea not null -- PNG, 8 bit grey; CT in the window 40 +- 200 HU.
cbir.patient.id integer not null generated always as identity
cbir.patient.dataset text not null
cbir.patient.pseudonym text not null
cbir.patient.split text -- Part of the data set the patient was published in; null where the source does not say.
cbir.plan.id integer not null generated always as identity
cbir.plan.patient_id integer not null
cbir.plan.source_key text not null
cbir.plan.checksum text not null -- sha256 over the files the plan was read from: a plan that stands here is not loaded again.
cbir.plan.prescription_gy real not null -- Dose prescribed to the highest target, in Gy.
cbir.plan.voxel_mm real[] not null -- Size of a voxel in mm: rows, columns, distance of slices.
cbir.plan.loaded_at timestamp with time zone not null default now()
cbir.slice.item_id integer not null
cbir.slice.plan_id integer not null
cbir.slice.index integer not null -- Number of the slice in its volume, 0 at the head.
cbir.slice.position_mm real not null -- Distance from slice 0 along the patient, in mm, growing towards the feet.
cbir.slice.rows integer not null
cbir.slice.columns integer not null
cbir.slice.dose_mean_gy real not null -- Mean dose over the voxels that get any, in Gy.
cbir.slice.dose_max_gy real not null
cbir.slice.ct bytea not null storage external -- HU as little-endian int16, row by row from anterior and patient right, zlib-compressed.
cbir.slice.dose bytea not null storage external -- Multiples of dose_unit_gy as little-endian uint16, in the order of ct, zlib-compressed.
cbir.slice.dose_unit_gy real not null
cbir.slices.item_id integer
cbir.slices.dataset text
cbir.slices.split text
cbir.slices.patient text
cbir.slices.plan text
cbir.slices.index integer
cbir.slices.position_mm real
cbir.slices.dose_mean_gy real
cbir.slices.dose_max_gy real
cbir.slices.prescription_gy real
cbir.space.name text not null
cbir.space.dims integer not null
cbir.space.encoder_id integer
cbir.space.parts jsonb -- For a joint space: [{"space", "scale", "weight"}], whose vectors are divided by scale, multiplied by weight and concatenated.
cbir.space.created_at timestamp with time zone not null default now()
cbir.structure.plan_id integer not null
cbir.structure.name text not null
cbir.structure.role text not null
cbir.structure.volume_cc real not null
cbir.structure.mean_gy real not null
cbir.structure.max_gy real not null
cbir.structure.dvh_bin_gy real not null
cbir.structure.dvh real[] not null -- Cumulative dose-volume histogram: element i (from 1) is the fraction of the volume that gets at least (i - 1) * dvh_bin_gy.
lsh.family.id integer not null generated always as identity
lsh.family.name text not null
lsh.family.kind text not null
lsh.family.dims integer not null
lsh.family.bits integer not null
lsh.family.seed integer not null
lsh.family.bandwidth double precision not null -- gamma of the kernel exp(-gamma |x - y|^2 / 2), in 1 / squared units of the vectors.
lsh.family.center vector not null -- Mean of the calibration sample, subtracted before projecting: it changes no kernel value but keeps 4-byte sums exact.
lsh.family.bucket_bits integer not null -- Vectors fall into 2^bucket_bits buckets.
lsh.family.calibration jsonb not null -- Figures the bandwidth was chosen from, as lsh.calibrate returned them, and the relation they were measured on.
lsh.family.version integer not null -- Version of the algorithm that drew the parameters.
lsh.family.checksum text not null -- sha256 over all parameters, as lsh.family_checksum computes it.
lsh.family.created_at timestamp with time zone not null default now()
lsh.index.id integer not null generated always as identity
lsh.index.name text not null
lsh.index.relation regclass not null
lsh.index.key_column name not null
lsh.index.vector_column name not null
lsh.index.family_id integer not null
lsh.index.maintain text not null -- trigger: kept in step by triggers on relation; loader: whoever writes relation writes the codes.
lsh.index.probes integer not null -- Buckets that lsh.search visits unless told otherwise.
lsh.index.candidates integer not null -- Codes that lsh.search re-ranks by exact distance unless told otherwise.
lsh.index.created_at timestamp with time zone not null default now()
lsh.projection.family_id integer not null
lsh.projection.purpose text not null
lsh.projection.ordinal integer not null
lsh.projection.weight vector not null storage main
lsh.projection.phase double precision not null -- b of cos(<w, x> + b) + t, in radians; 0 for bucket bits.
lsh.projection.threshold double precision not null -- t of cos(<w, x> + b) + t; for bucket bits the balancing offset of <w, x> + t.

-- constraints

cbir.encoder encoder_dims_check CHECK ((dims > 0))
cbir.encoder encoder_name_key UNIQUE (name)
cbir.encoder encoder_pkey PRIMARY KEY (id)
cbir.item item_dataset_source_key_key UNIQUE (dataset, source_key)
cbir.item item_kind_check CHECK ((kind = 'slice'::text))
cbir.item item_pkey PRIMARY KEY (id)
cbir.patient patient_dataset_pseudonym_key UNIQUE (dataset, pseudonym)
cbir.patient patient_pkey PRIMARY KEY (id)
cbir.patient patient_split_check CHECK ((split = ANY (ARRAY['train'::text, 'test'::text])))
cbir.plan plan_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES cbir.patient(id)
cbir.plan plan_patient_id_source_key_key UNIQUE (patient_id, source_key)
cbir.plan plan_pkey PRIMARY KEY (id)
cbir.plan plan_prescription_gy_check CHECK ((prescription_gy > (0)::double precision))
cbir.plan plan_voxel_mm_check CHECK ((cardinality(voxel_mm) = 3))
cbir.slice slice_columns_check CHECK ((columns > 0))
cbir.slice slice_dose_max_gy_check CHECK ((dose_max_gy >= (0)::double precision))
cbir.slice slice_dose_mean_gy_check CHECK ((dose_mean_gy >= (0)::double precision))
cbir.slice slice_dose_unit_gy_check CHECK ((dose_unit_gy > (0)::double precision))
cbir.slice slice_index_check CHECK ((index >= 0))
cbir.slice slice_item_id_fkey FOREIGN KEY (item_id) REFERENCES cbir.item(id) ON DELETE CASCADE
cbir.slice slice_pkey PRIMARY KEY (item_id)
cbir.slice slice_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES cbir.plan(id) ON DELETE CASCADE
cbir.slice slice_plan_id_index_key UNIQUE (plan_id, index)
cbir.slice slice_rows_check CHECK ((rows > 0))
cbir.space space_check CHECK (((encoder_id IS NULL) <> (parts IS NULL)))
cbir.space space_dims_check CHECK (((dims >= 1) AND (dims <= 16000)))
cbir.space space_encoder_id_fkey FOREIGN KEY (encoder_id) REFERENCES cbir.encoder(id)
cbir.space space_name_check CHECK ((name ~ '^[a-z_][a-z0-9_]{0,62}$'::text))
cbir.space space_pkey PRIMARY KEY (name)
cbir.structure structure_dvh_bin_gy_check CHECK ((dvh_bin_gy > (0)::double precision))
cbir.structure structure_max_gy_check CHECK ((max_gy >= (0)::double precision))
cbir.structure structure_mean_gy_check CHECK ((mean_gy >= (0)::double precision))
cbir.structure structure_pkey PRIMARY KEY (plan_id, name)
cbir.structure structure_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES cbir.plan(id) ON DELETE CASCADE
cbir.structure structure_role_check CHECK ((role = ANY (ARRAY['target'::text, 'organ'::text])))
cbir.structure structure_volume_cc_check CHECK ((volume_cc >= (0)::double precision))
lsh.family family_bandwidth_check CHECK (((bandwidth > (0)::double precision) AND (bandwidth < 'Infinity'::double precision)))
lsh.family family_bits_check CHECK (((bits >= 16) AND (bits <= 8192)))
lsh.family family_bucket_bits_check CHECK (((bucket_bits >= 0) AND (bucket_bits <= 16)))
lsh.family family_dims_check CHECK (((dims >= 1) AND (dims <= 16000)))
lsh.family family_kind_check CHECK ((kind = 'kernel'::text))
lsh.family family_name_key UNIQUE (name)
lsh.family family_pkey PRIMARY KEY (id)
lsh.index index_candidates_check CHECK ((candidates > 0))
lsh.index index_family_id_fkey FOREIGN KEY (family_id) REFERENCES lsh.family(id)
lsh.index index_maintain_check CHECK ((maintain = ANY (ARRAY['trigger'::text, 'loader'::text])))
lsh.index index_name_check CHECK ((name ~ '^[a-z_][a-z0-9_]{0,62}$'::text))
lsh.index index_name_key UNIQUE (name)
lsh.index index_pkey PRIMARY KEY (id)
lsh.index index_probes_check CHECK ((probes > 0))
lsh.projection projection_family_id_fkey FOREIGN KEY (family_id) REFERENCES lsh.family(id) ON DELETE CASCADE
lsh.projection projection_pkey PRIMARY KEY (family_id, purpose, ordinal)
lsh.projection projection_purpose_check CHECK ((purpose = ANY (ARRAY['code'::text, 'bucket'::text])))

-- indexes

CREATE INDEX index_family_id_idx ON lsh.index USING btree (family_id)
CREATE INDEX index_relation_idx ON lsh.index USING btree (relation)
CREATE UNIQUE INDEX encoder_name_key ON cbir.encoder USING btree (name)
CREATE UNIQUE INDEX encoder_pkey ON cbir.encoder USING btree (id)
CREATE UNIQUE INDEX family_name_key ON lsh.family USING btree (name)
CREATE UNIQUE INDEX family_pkey ON lsh.family USING btree (id)
CREATE UNIQUE INDEX index_name_key ON lsh.index USING btree (name)
CREATE UNIQUE INDEX index_pkey ON lsh.index USING btree (id)
CREATE UNIQUE INDEX item_dataset_source_key_key ON cbir.item USING btree (dataset, source_key)
CREATE UNIQUE INDEX item_pkey ON cbir.item USING btree (id)
CREATE UNIQUE INDEX patient_dataset_pseudonym_key ON cbir.patient USING btree (dataset, pseudonym)
CREATE UNIQUE INDEX patient_pkey ON cbir.patient USING btree (id)
CREATE UNIQUE INDEX plan_patient_id_source_key_key ON cbir.plan USING btree (patient_id, source_key)
CREATE UNIQUE INDEX plan_pkey ON cbir.plan USING btree (id)
CREATE UNIQUE INDEX projection_pkey ON lsh.projection USING btree (family_id, purpose, ordinal)
CREATE UNIQUE INDEX slice_pkey ON cbir.slice USING btree (item_id)
CREATE UNIQUE INDEX slice_plan_id_index_key ON cbir.slice USING btree (plan_id, index)
CREATE UNIQUE INDEX space_pkey ON cbir.space USING btree (name)
CREATE UNIQUE INDEX structure_pkey ON cbir.structure USING btree (plan_id, name)

-- views

cbir.slices
 SELECT slice.item_id,
    item.dataset,
    patient.split,
    patient.pseudonym AS patient,
    plan.source_key AS plan,
    slice.index,
    slice.position_mm,
    slice.dose_mean_gy,
    slice.dose_max_gy,
    plan.prescription_gy
   FROM cbir.slice
     JOIN cbir.item ON item.id = slice.item_id
     JOIN cbir.plan ON plan.id = slice.plan_id
     JOIN cbir.patient ON patient.id = plan.patient_id;

-- triggers

CREATE TRIGGER immutable BEFORE UPDATE ON lsh.family FOR EACH STATEMENT EXECUTE FUNCTION lsh._refuse_update()
CREATE TRIGGER immutable BEFORE UPDATE ON lsh.projection FOR EACH STATEMENT EXECUTE FUNCTION lsh._refuse_update()

-- functions

cbir._features(item integer, space text)
  returns vector
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Features of an item in a space; an error where it was not encoded.
cbir._left_out(item integer, exclude_same_patient boolean)
  returns text[]
  language sql stable parallel unsafe
  -- Keys that a query by an item never returns: the item, and by default all of its patient.
cbir._require_index(space text)
  returns lsh.index
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- The hash index of a space: the one of the same name, else the oldest.
cbir.compare_slices(space text, items integer[], ks integer[] DEFAULT '{10}'::integer[], exclude_same_patient boolean DEFAULT true, candidates integer DEFAULT NULL::integer, probes integer DEFAULT NULL::integer)
  returns TABLE(item_id integer, k integer, overlap integer, dice double precision, jaccard double precision, recall double precision, code_loss double precision, bucket_loss double precision, visited_share double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- lsh.compare for slices of a space, by default among other patients only.
cbir.create_space(name text, dims integer, encoder text DEFAULT NULL::text, parts jsonb DEFAULT NULL::jsonb)
  returns text
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Creates the table space.<name> (item_id, embedding vector(dims)) for the features of an encoder or of joined spaces.
cbir.delete_plan(plan integer)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Removes a plan with its slices, features and codes; its patient stays.
cbir.drop_space(space text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Removes a space with its features, indexes and encoder, and the joint spaces that it is a part of; does nothing where there is none.
cbir.encoders_of(space text)
  returns integer[]
  language sql stable parallel unsafe
  -- Encoders whose features a space holds: its own, or those of its parts and their parts; null for an unknown space.
cbir.similar_slices(item integer, space text, k integer DEFAULT 10, exclude_same_patient boolean DEFAULT true, candidates integer DEFAULT NULL::integer, probes integer DEFAULT NULL::integer)
  returns TABLE(item_id integer, distance double precision, hamming integer, patient text, plan text, index integer, position_mm real)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- The k slices most similar to a stored one, nearest first; by default only those of other patients.
cbir.similar_slices_exact(item integer, space text, k integer DEFAULT 10, exclude_same_patient boolean DEFAULT true)
  returns TABLE(item_id integer, distance double precision, patient text, plan text, index integer, position_mm real)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- The k slices truly nearest to a stored one, by a scan of the space; by default only those of other patients.
lsh._add_triggers(index lsh.index)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Installs the four triggers of an index; they lock the table against writers until the transaction ends.
lsh._assert_columns(index lsh.index)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Raises unless the table of an index still has the columns that the index stands for.
lsh._assert_dims(family lsh.family, x vector)
  returns void
  language plpgsql immutable parallel safe
  set search_path=pg_catalog, public, pg_temp
  -- Raises unless the vector has the dimension of the family.
lsh._assert_new_name(registry regclass, name text)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Raises unless a name can be given to a new index or space.
lsh._assert_search(index lsh.index, query vector, k integer, candidates integer, probes integer)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Raises unless these are arguments of a search.
lsh._assert_stage(candidates integer, probes integer)
  returns void
  language plpgsql immutable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Raises unless these are settings of a candidate stage; null stands for that of the index.
lsh._assert_triggers(relation regclass)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Raises unless triggers on the table can keep its codes.
lsh._assert_vector_column(relation regclass, "column" name)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Raises unless the table has such a column of type vector.
lsh._bucket(family_id integer, x vector)
  returns integer
  language sql stable parallel safe
  -- Bucket of a vector: one balanced sign bit for each bucket direction.
lsh._bucket_directions(sample vector[], center vector, bits integer, seed integer)
  returns TABLE(ordinal integer, weight vector, threshold double precision)
  language plpgsql immutable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Orthonormal directions through pairs of sample rows, each with the offset that balances it; zero where the data span no more.
lsh._calibrate(sample vector[], k integer)
  returns TABLE(sampled integer, radius double precision, mean_distance double precision, contrast double precision, bandwidth double precision)
  language sql immutable parallel safe
lsh._centered(family_id integer, x vector)
  returns vector
  language sql stable parallel safe
lsh._checksum(kind text, dims integer, bits integer, bandwidth double precision, center vector, version integer, projections bytea)
  returns text
  language sql immutable parallel safe
  -- sha256 over what decides a code; the client computes the same from what it has read.
lsh._code(family_id integer, x vector)
  returns bit
  language sql stable parallel safe
  -- Kernel code: bit i is 1 where cos(<w_i, x> + b_i) + t_i > 0 (Raginsky and Lazebnik, NIPS 2009).
lsh._compare(index lsh.index, query vector, ks integer[], candidates integer, buckets integer[], exclude text[])
  returns TABLE(k integer, overlap integer, dice double precision, jaccard double precision, recall double precision, code_loss double precision, bucket_loss double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- One query of lsh.compare: all codes by Hamming distance, and the search itself, against the exact neighbours.
lsh._condition(index lsh.index, buckets integer[], exclude text[])
  returns text
  language sql stable parallel unsafe
  -- Which codes a search may look at, as SQL over a code table; null buckets mean all.
lsh._distinct(a anyarray)
  returns integer
  language sql immutable strict parallel safe
  set search_path=pg_catalog, public, pg_temp
  -- Number of different elements of an array.
lsh._encoding(index lsh.index, keys text)
  returns text
  language sql stable parallel unsafe
  -- Statement that encodes the rows of an indexed table whose keys a query lists; null means all. A text, since a trigger's transition tables are seen only by statements of the trigger itself.
lsh._kernel_directions(dims integer, bits integer, seed integer, bandwidth double precision)
  returns TABLE(ordinal integer, weight vector, phase double precision, threshold double precision)
  language sql immutable parallel safe
  -- Random features of Raginsky and Lazebnik (NIPS 2009): w ~ N(0, bandwidth I), b ~ U[-pi, pi], t ~ U[-1, 1]; bit i does not depend on how many are drawn.
lsh._key_column(relation regclass)
  returns name
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Name of the primary key of a table; an error where there is none or it has several columns.
lsh._maintain()
  returns trigger
  language plpgsql volatile parallel unsafe security definer
  set search_path=pg_catalog, public, pg_temp
  -- Statement trigger that keeps a code table in step; its argument is the id of the index.
lsh._normals(seed integer, label text, count integer)
  returns TABLE(ordinal integer, value double precision)
  language sql immutable parallel safe
  -- Standard normal numbers from pairs of uniform ones, by Box and Muller.
lsh._overlap(a anyarray, b anyarray)
  returns integer
  language sql immutable strict parallel safe
  set search_path=pg_catalog, public, pg_temp
  -- Number of elements that two arrays share.
lsh._probes(family_id integer, x vector, count integer)
  returns integer[]
  language plpgsql stable parallel safe
  set search_path=pg_catalog, public, pg_temp
  -- Buckets of a query, best first; fewer than asked for where there are no more.
lsh._refuse_update()
  returns trigger
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, public, pg_temp
lsh._require_family(family text)
  returns lsh.family
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- The family of that name; an error where there is none.
lsh._require_index(index text)
  returns lsh.index
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Registry row of an index; an error where there is none, or its table or a column is gone.
lsh._sample(relation regclass, "column" name, count integer, seed integer)
  returns vector[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- A seeded random sample of a vector column; empty for an empty table.
lsh._scaled(vector vector, factor double precision)
  returns vector
  language sql immutable strict parallel safe
  -- A vector times a number.
lsh._search(index lsh.index, query vector, k integer, candidates integer, buckets integer[], exclude text[])
  returns TABLE(key text, distance double precision, hamming integer)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Candidates by Hamming distance in the given buckets (null: all), re-ranked by exact distance; where that leaves fewer than k rows, an exact scan; hamming is null for a row without a code.
lsh._search_exact(index lsh.index, query vector, k integer, exclude text[])
  returns TABLE(key text, distance double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- The true nearest rows, by a scan of the table.
lsh._touched(index lsh.index, operation text)
  returns text
  language sql stable parallel unsafe
  -- Query over the transition tables for the keys whose code a statement may have changed.
lsh._uniforms(seed integer, label text, count integer)
  returns TABLE(ordinal integer, value double precision)
  language sql immutable parallel safe
  -- Uniform numbers in (0, 1): word i of SHA-256("seed:label:block"), 32 bits each.
lsh._visit(index lsh.index, query vector, k integer, probes integer, exclude text[])
  returns integer[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Buckets that hold at least k rows which may be returned, starting from the wanted probes; null for all.
lsh._visited(index lsh.index, buckets integer[])
  returns integer
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Number of codes in the given buckets; null means in all.
lsh.calibrate(relation regclass, "column" name, k integer DEFAULT 50, sample integer DEFAULT 2000, seed integer DEFAULT 1)
  returns TABLE(sampled integer, radius double precision, mean_distance double precision, contrast double precision, bandwidth double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Median distance to the k-th neighbour within a sample (radius), mean distance of pairs, their ratio (contrast) and the bandwidth (0.75 / radius)^2, at which far pairs still differ more than the k-th neighbours; nulls where all rows are equal.
lsh.compare(index text, queries text[], ks integer[] DEFAULT '{10}'::integer[], candidates integer DEFAULT NULL::integer, probes integer DEFAULT NULL::integer, excludes jsonb DEFAULT '{}'::jsonb)
  returns TABLE(query text, k integer, overlap integer, dice double precision, jaccard double precision, recall double precision, code_loss double precision, bucket_loss double precision, visited_share double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Per query (a key of the table, left out itself, and with it the keys that "excludes" lists under it) and k: overlap, Dice and Jaccard of all codes by Hamming distance against exact neighbours; recall of lsh.search, and what codes (code_loss) and buckets (bucket_loss) cost of it. bucket_loss is negative where leaving out buckets left out false candidates.
lsh.create_family(name text, relation regclass, "column" name, bits integer DEFAULT 512, kind text DEFAULT 'kernel'::text, seed integer DEFAULT 1, bandwidth double precision DEFAULT NULL::double precision, bucket_bits integer DEFAULT NULL::integer, sample integer DEFAULT 2000)
  returns text
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Draws a hash family for a vector column, calibrated on a sample of it, stores it and returns its name.
lsh.create_index(relation regclass, "column" name, family text, name text DEFAULT NULL::text, maintain text DEFAULT 'trigger'::text, probes integer DEFAULT NULL::integer, candidates integer DEFAULT 200)
  returns text
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Creates the code table lsh_index.<name> for a vector column, fills it unless the loader does, and returns its name.
lsh.dice(a anyarray, b anyarray)
  returns double precision
  language sql immutable strict parallel safe
  set search_path=pg_catalog, public, pg_temp
  -- Dice score 2 |A and B| / (|A| + |B|) of two result sets; null when both are empty.
lsh.drop_family(family text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Removes a hash family that no index uses.
lsh.drop_index(name text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- Removes an index, its code table and its triggers.
lsh.encode(family text, x vector)
  returns bit
  language plpgsql stable parallel safe
  set search_path=pg_catalog, public, pg_temp
  -- Code of a vector, bit(bits of the family).
lsh.family_checksum(family text)
  returns text
  language sql stable parallel safe
  -- Recomputes the checksum of a family from its parameters; differs from lsh.family.checksum when they were tampered with.
lsh.hamming(a bit, b bit)
  returns integer
  language sql immutable strict parallel safe
  -- Number of positions in which two codes of equal length differ.
lsh.jaccard(a anyarray, b anyarray)
  returns double precision
  language sql immutable strict parallel safe
  set search_path=pg_catalog, public, pg_temp
  -- Jaccard score |A and B| / |A or B| of two result sets; null when both are empty.
lsh.probes(family text, x vector, n integer)
  returns integer[]
  language plpgsql stable parallel safe
  set search_path=pg_catalog, public, pg_temp
  -- The n buckets to visit for a query, best first.
lsh.search(index text, query vector, k integer DEFAULT 10, candidates integer DEFAULT NULL::integer, probes integer DEFAULT NULL::integer, exclude text[] DEFAULT '{}'::text[])
  returns TABLE(key text, distance double precision, hamming integer)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- The k nearest rows: buckets by multi-probe, candidates by Hamming distance, order by exact distance and key. Keys in "exclude" are never returned; k rows come back whenever k exist, by an exact scan where the codes give fewer.
lsh.search_exact(index text, query vector, k integer DEFAULT 10, exclude text[] DEFAULT '{}'::text[])
  returns TABLE(key text, distance double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, public, pg_temp
  -- The k truly nearest rows by Euclidean distance, ties by key; reads the whole table.
