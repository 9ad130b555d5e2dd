-- schemas

schema cbir -- Content-based image retrieval: plans, slices, structures, encoders and spaces.
schema lsh -- Locality-sensitive hashing over pgvector columns
schema lsh_index -- Code tables, one for each row of lsh.index and of the same name, and the functions that keep and guard them.
schema lsh_internal -- Internal functions of lsh; they may change in any version.
schema space -- Feature vectors, one table for each row of cbir.space and of the same name.

-- tables

view cbir._member -- Items with the plan that they belong to: slices, and plans as a whole.
view cbir.dvh -- Cumulative dose-volume histograms, with a row for each dose.
table cbir.encoder -- Trained encoders with everything needed to encode a query exactly like the stored items.
table cbir.evaluation -- Runs of "pg-lsh report" with their measurements, which can be drawn again or beside another run.
view cbir.evaluation_figures -- How well codes alone find the true neighbours, for each run of "pg-lsh report": means over the queries, with 95 % bootstrap intervals over patients.
view cbir.evaluation_retrieval -- Similarity of the query and the nearest slice and plan of another patient, by space, for each run of "pg-lsh report". random is a random choice, oracle the best possible one.
view cbir.evaluation_searches -- Cost and recall of the candidate stages of hash indexes, for each run of "pg-lsh report".
table cbir.item -- Retrievable images of any kind.
table cbir.patient -- Patients by pseudonym, and sources of pictures outside plans: tiles, neurons. Nothing here identifies a person.
table cbir.picture -- Items that belong to no plan: images and morphologies of neurons.
view cbir.pictures -- Images and neurons outside plans with label, attributes and source, without their content.
table cbir.plan -- Treatment plans, each loaded in one transaction.
table cbir.plan_item -- Plans as items of their own, in spaces that hold one vector for a whole plan.
view cbir.plans -- Plans with their patient and the properties by which users select them.
table cbir.slice -- Axial slices: the items of a plan, with their images at full depth.
view cbir.slices -- Slices with the plan and patient they belong to, without the images. More of the plan: join cbir.plans using (plan_id).
table cbir.space -- Feature spaces: space.<name> holds a vector for each item that was encoded.
table cbir.structure -- Delineated targets and organs with their volume and dose.
view cbir.structures -- Targets and organs with their dose, without the histograms.
table lsh.family -- Hash families: immutable, one row for each draw of random directions.
view lsh.health -- A row for every index, for operators: problem, progress of the build, size, dead rows, skew, and the last measurements of lsh.maintain.
table lsh.index -- Hash indexes: lsh_index.<name> holds a code for each row of relation.
table lsh.index_check -- Measurements of indexes by lsh.maintain, kept as long as an index keeps its family.
table lsh.index_progress -- Progress of indexes in state building: number of rows read in the order of their keys, the last key, and the approximate number of all rows.
table lsh.projection -- Parameters of the codes of a family (code), of its buckets (bucket) and, if buckets are cells, of their groups (group); for kind residual also the images of the cells (image).
table lsh.recall_sample -- Recall of searches that lsh.sample_recall has measured, without queries, results and roles.
view lsh.sampled_recall -- Recall that lsh.sample_recall has measured for the current family of each index, by index, day and k; for the owner of the table.

-- columns

cbir._member.item_id integer
cbir._member.plan_id integer
cbir._member.index integer
cbir._member.position_mm real
cbir._member.dose_mean_gy real
cbir.dvh.plan_id integer
cbir.dvh.structure text
cbir.dvh.dose_gy real
cbir.dvh.volume real -- Fraction of the volume of the structure that gets at least dose_gy.
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
cbir.encoder.trained_on integer[] not null -- Patients whose slices took part in the training, including those for early stopping.
cbir.encoder.checksum text not null -- sha256 over architecture, preprocessing and weights.
cbir.encoder.created_at timestamp with time zone not null default now()
cbir.evaluation.id integer not null generated always as identity
cbir.evaluation.dataset text not null
cbir.evaluation.seed integer not null -- Seed of queries, families, samples and resamples.
cbir.evaluation.versions jsonb not null -- Versions of pg-lsh, Node.js, PostgreSQL, pgvector and the numerical back end.
cbir.evaluation.settings jsonb not null -- Number of queries, lengths and kinds of codes, neighbours, rule for ties, resamples.
cbir.evaluation.spaces jsonb not null -- One element for each space: encoders and families with their checksums and bandwidths, and all figures.
cbir.evaluation.across_patients jsonb not null -- {"spaces", "notes", "folds", "predictions"}: what spaces find across patients and how near doses by neighbours come, by "pg-lsh evaluate", and why others were left out.
cbir.evaluation.seconds real not null
cbir.evaluation.created_at timestamp with time zone not null default now()
cbir.evaluation_figures.evaluation_id integer
cbir.evaluation_figures.dataset text
cbir.evaluation_figures.space text
cbir.evaluation_figures.kind text
cbir.evaluation_figures.bits integer
cbir.evaluation_figures.k integer
cbir.evaluation_figures.same_patient boolean -- Whether the search included other slices of the query's patient.
cbir.evaluation_figures.queries integer
cbir.evaluation_figures.patients integer
cbir.evaluation_figures.dice double precision
cbir.evaluation_figures.dice_low double precision
cbir.evaluation_figures.dice_high double precision
cbir.evaluation_figures.jaccard double precision
cbir.evaluation_figures.jaccard_low double precision
cbir.evaluation_figures.jaccard_high double precision
cbir.evaluation_retrieval.evaluation_id integer
cbir.evaluation_retrieval.dataset text
cbir.evaluation_retrieval.space text
cbir.evaluation_retrieval.level_error_mm double precision -- Median distance in mm along the body to the nearest slice, with patients aligned by all of their organs.
cbir.evaluation_retrieval.level_error_low double precision
cbir.evaluation_retrieval.level_error_high double precision
cbir.evaluation_retrieval.dose_gap_gy double precision -- Mean absolute difference in Gy between the doses of the query and of the nearest slice inside the body, both slices centred.
cbir.evaluation_retrieval.dose_gap_low double precision
cbir.evaluation_retrieval.dose_gap_high double precision
cbir.evaluation_retrieval.dvh_gap_gy double precision -- Mean absolute difference in Gy to the nearest plan in the dose-volume criteria of OpenKBP.
cbir.evaluation_retrieval.dvh_gap_low double precision
cbir.evaluation_retrieval.dvh_gap_high double precision
cbir.evaluation_searches.evaluation_id integer
cbir.evaluation_searches.dataset text
cbir.evaluation_searches.space text
cbir.evaluation_searches.index text
cbir.evaluation_searches.stage text
cbir.evaluation_searches.probes integer -- Buckets visited; null for stages that visit none.
cbir.evaluation_searches.recall double precision
cbir.evaluation_searches.recall_low double precision
cbir.evaluation_searches.recall_high double precision
cbir.evaluation_searches.code_loss double precision
cbir.evaluation_searches.bucket_loss double precision
cbir.evaluation_searches.visited_share double precision
cbir.evaluation_searches.median_ms double precision
cbir.evaluation_searches.p95_ms double precision
cbir.item.id integer not null generated always as identity
cbir.item.dataset text not null
cbir.item.kind text not null
cbir.item.source_key text not null
cbir.item.label text
cbir.item.attributes jsonb not null default '{}'::jsonb
cbir.item.preview bytea not null -- PNG, 8 bit: CT in grey in the window 40 +- 200 HU, images in grey or colour, neurons drawn from three sides.
cbir.patient.id integer not null generated always as identity
cbir.patient.dataset text not null
cbir.patient.pseudonym text not null
cbir.patient.split text -- Part of the data set in which the patient was published; null if the source does not say.
cbir.picture.item_id integer not null
cbir.picture.patient_id integer not null -- Source of the item: a patient, the tile that it was made from, or a neuron. A source is never used both for training and as a query.
cbir.picture.checksum text not null -- sha256 over the file and its description: a picture with the same checksum is not loaded again.
cbir.picture.fingerprint text not null -- sha256 over the description, size and times of the file: a picture with the same fingerprint is not even read again.
cbir.picture.shape integer[] not null -- For an image {rows, columns, channels}, at most 256 rows and columns; for a neuron {points}.
cbir.picture.content bytea not null storage external -- zlib-compressed. Image: samples of 8 bit, row by row. Neuron: arrays of x, y, z, radius (um, little-endian float4), parent (int4, -1 for a root) and type (byte).
cbir.pictures.item_id integer
cbir.pictures.dataset text
cbir.pictures.kind text
cbir.pictures.split text
cbir.pictures.source text -- Patient, tile or neuron that it shows; the key if nothing names one.
cbir.pictures.key text
cbir.pictures.label text
cbir.pictures.attributes jsonb
cbir.plan.id integer not null generated always as identity
cbir.plan.patient_id integer not null
cbir.plan.source_key text not null
cbir.plan.checksum text not null -- sha256 over the files the plan was read from: a plan with the same checksum is not loaded again.
cbir.plan.fingerprint text -- sha256 over names, sizes and times of those files: a plan with the same fingerprint is not even read again; null if the source has none.
cbir.plan.site text -- Part of the body that is treated, as 'head and neck'; null where the source does not say.
cbir.plan.prescription_gy real -- Dose prescribed to the highest target, in Gy; null for a plan without dose that does not state it.
cbir.plan.fractions integer -- Fractions of the whole course; null where the source does not say, as for radiation, technique and machine.
cbir.plan.radiation text
cbir.plan.technique text -- Technique: fixed directions with one aperture or changing apertures, a rotating gantry, or ions by scanning or scattering.
cbir.plan.machine text -- Pseudonym of the treatment machine.
cbir.plan.voxel_mm real[] not null -- Size of a voxel in mm: rows, columns, distance of slices.
cbir.plan.loaded_at timestamp with time zone not null default now()
cbir.plan_item.item_id integer not null
cbir.plan_item.plan_id integer not null
cbir.plans.plan_id integer
cbir.plans.dataset text
cbir.plans.split text
cbir.plans.patient text
cbir.plans.plan text
cbir.plans.site text
cbir.plans.prescription_gy real
cbir.plans.fractions integer
cbir.plans.radiation text
cbir.plans.technique text
cbir.plans.machine text
cbir.plans.slices integer -- Number of slices.
cbir.plans.target_volume_cc real -- Volume of the target with the highest mean dose, which is the boost if targets are nested; without dose, of the first target by name; null without a target.
cbir.plans.structures text[] -- Names of the structures that have a volume, sorted.
cbir.plans.dose_max_gy real -- Highest dose of a voxel; null for a plan without dose.
cbir.slice.item_id integer not null
cbir.slice.plan_id integer not null
cbir.slice.index integer not null -- Number of the slice in its volume, 0 at the head.
cbir.slice.position_mm real not null -- Distance from slice 0 along the patient, in mm, growing towards the feet.
cbir.slice.rows integer not null
cbir.slice.columns integer not null
cbir.slice.dose_mean_gy real -- Mean dose over the voxels with dose, in Gy; null, like dose_max_gy, dose and dose_unit_gy, for a plan without dose.
cbir.slice.dose_max_gy real
cbir.slice.ct bytea not null storage external -- HU as little-endian int16, row by row from anterior and patient right, zlib-compressed.
cbir.slice.dose bytea storage external -- Multiples of dose_unit_gy as little-endian uint16, in the order of ct, zlib-compressed.
cbir.slice.dose_unit_gy real
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
cbir.slices.plan_id integer
cbir.space.name text not null
cbir.space.dims integer not null
cbir.space.encoder_id integer
cbir.space.parts jsonb -- For a joint space: [{"space", "scale", "weight"}], whose vectors are divided by scale, multiplied by weight and concatenated.
cbir.space.pooling jsonb -- For a space of plans: {"features", "levels", "weights", "levelsMm", "widthMm"}, by which the vectors of slices are averaged around levels of the body. See the SQL reference.
cbir.space.created_at timestamp with time zone not null default now()
cbir.structure.plan_id integer not null
cbir.structure.name text not null
cbir.structure.role text not null
cbir.structure.volume_cc real -- Volume in cm3; null for points and open lines, which have none.
cbir.structure.mean_gy real -- Mean dose in Gy; null, like max_gy and dvh, for a plan without dose and where less than 99 % of the structure has a known dose.
cbir.structure.max_gy real -- Highest dose of a voxel; of a structure of less than 1 cc or 20 voxels, of a part of one.
cbir.structure.dvh_bin_gy real
cbir.structure.dvh real[] -- Cumulative dose-volume histogram: element i (from 1) is the fraction of the volume that gets at least (i - 1) * dvh_bin_gy.
cbir.structure.dosed_share real -- Share of the structure that the dose covers; null for a plan without dose and for a structure without volume.
cbir.structure.areas_cm2 real[] not null -- Cross-section on each slice of the plan, in the order of their index, in cm2.
cbir.structure.masks bytea[] -- Pixels inside on each slice, by index: a bit each, row by row, highest bit first, zlib-compressed; null for a slice without any; masks itself is null if nothing was drawn on slices.
cbir.structures.plan_id integer
cbir.structures.patient text
cbir.structures.plan text
cbir.structures.name text
cbir.structures.role text
cbir.structures.volume_cc real
cbir.structures.mean_gy real
cbir.structures.max_gy real
cbir.structures.centre_mm real -- Position of the centre of mass along the patient in mm, as position_mm of a slice; null if no slice shows the structure.
cbir.structures.dosed_share real
lsh.family.id integer not null generated always as identity
lsh.family.name text not null
lsh.family.kind text not null -- How codes are drawn: kernel, cosine, sign or qary at random; itq, residual and scalar learned by "pg-lsh family create". See the SQL reference.
lsh.family.dims integer not null
lsh.family.bits integer not null
lsh.family.levels integer not null -- q of the quantiser of a qary family, 2 for all others.
lsh.family.seed integer not null
lsh.family.bandwidth double precision -- gamma of the kernel exp(-gamma |x - y|^2 / 2), in 1 / squared units of the vectors; 1 / squared width of a level for qary; null for sign, itq, residual and scalar, which have no scale.
lsh.family.center vector not null -- Mean of the calibration sample, subtracted before projecting: it changes no kernel value but keeps 4-byte sums exact.
lsh.family.bucket_kind text not null -- bits: sides of balanced hyperplanes; qary: levels of directions; voronoi: the nearest of learned centres.
lsh.family.bucket_count integer not null
lsh.family.calibration jsonb not null -- Figures the bandwidth was chosen from, as lsh.calibrate returned them, and the relation they were measured on.
lsh.family.version integer not null -- Version of the rule by which these parameters make codes and buckets of a vector. It does not depend on how the parameters were drawn, because they are stored.
lsh.family.checksum text not null -- sha256 over all parameters, as lsh.family_checksum computes it.
lsh.family.owner name not null default CURRENT_USER -- Role that created the family and may complete or drop it.
lsh.family.token uuid not null default gen_random_uuid() -- A value that proves to functions on directions that their caller may read this row.
lsh.family.created_at timestamp with time zone not null default now()
lsh.health.index text
lsh.health.relation text
lsh.health.state text
lsh.health.problem text
lsh.health.hint text
lsh.health.rows bigint -- Rows of the table, by its statistics.
lsh.health.codes bigint -- Codes, by the statistics of the code table.
lsh.health.behind bigint -- Rows that lsh.build_index has yet to read; null for an index that is built.
lsh.health.code_bytes bigint
lsh.health.dead_share double precision -- Share of dead rows of the code table, which vacuum will remove.
lsh.health.visible_share double precision -- Share of pages of the code table that the visibility map marks as all-visible.
lsh.health.skew double precision -- Mean size of the buckets of all codes, divided by the size of an even bucket; 1 is even.
lsh.health.checked_at timestamp with time zone
lsh.health.recall_first double precision -- Recall@10 in the first measurement of lsh.maintain with the family.
lsh.health.recall double precision -- Recall@10 in the last measurement of lsh.maintain.
lsh.health.drift double precision -- How far the mean of the vectors has moved from the center of the family, in mean distances of two rows.
lsh.index.id integer not null generated always as identity
lsh.index.name text not null
lsh.index.relation regclass not null
lsh.index.codes regclass not null -- The code table by its oid, so that another table with its name is never read.
lsh.index.key_column name not null
lsh.index.vector_column name not null
lsh.index.bound oid not null -- Table in which key_number, key_index and vector_number were read, so that renamed columns are noticed. In a restored database it differs from relation, and the names are valid.
lsh.index.key_number smallint not null
lsh.index.key_index oid not null
lsh.index.vector_number smallint not null
lsh.index.dims integer not null
lsh.index.family_id integer not null
lsh.index.maintain text not null -- trigger: updated by triggers on relation; loader: every program that writes to relation writes the codes.
lsh.index.state text not null default 'ready'::text -- building: rows may lack codes; suspect: vectors may have changed without their codes. Searches read the table until lsh.build_index or lsh.verify_index has run.
lsh.index.stage text -- Default candidate stage of lsh.search; null: chosen by the size of the table.
lsh.index.ranking text -- Default ranking of codes; null: the best that the family supports.
lsh.index.probes integer not null -- Default number of buckets that lsh.search visits.
lsh.index.candidates integer not null -- Default number of codes that lsh.search re-ranks by exact distance.
lsh.index.measured integer[] -- Probes and candidates that were measured on rows of the index when it was filled, for ten neighbours and then for a hundred; the defaults for an index with few rows.
lsh.index.settings text not null default 
CASE
    WHEN (measured[1:2] = ARRAY[probes, candidates]) THEN 'measured'::text
    ELSE 'given'::text
END -- measured: probes and candidates are those in column measured, and are measured again when the table is hashed again; given: a user has chosen them.
lsh.index.security text not null -- With policies, a role sees the codes of rows that it may see; with open, all codes of a code table that it may read.
lsh.index.created_at timestamp with time zone not null default now()
lsh.index_check.index_id integer not null
lsh.index_check.family_id integer not null
lsh.index_check.checked_at timestamp with time zone not null
lsh.index_check.recall double precision -- Recall@10 of a search with the settings of the index; null where it is not ready.
lsh.index_check.drift double precision -- Distance of the mean of a sample from the center of the family, in mean distances when it was drawn.
lsh.index_check.scale double precision -- Radius of neighbours in widths of the kernel; null for kinds without one.
lsh.index_progress.index_id integer not null
lsh.index_progress.last_key text
lsh.index_progress.done bigint not null
lsh.index_progress.total bigint not null
lsh.index_progress.started_at timestamp with time zone not null default now()
lsh.index_progress.updated_at timestamp with time zone not null default now()
lsh.projection.family_id integer not null
lsh.projection.purpose text not null
lsh.projection.ordinal integer not null
lsh.projection.parent integer -- Group of a cell of voronoi buckets; for a bit of a scalar code the highest bit of its axis; null for all else.
lsh.projection.weight vector not null storage main -- A direction; for cells and their groups a centre, relative to the center of the family; for an image the inner products of the centre of a cell with the code directions.
lsh.projection.phase double precision -- b of cos(<w, x> + b) + t, in radians, or 1 / 2 |w|^2 for a bit of a scalar code; null where the bit is the sign of <w, x> + t.
lsh.projection.threshold double precision not null -- t of cos(<w, x> + b) + t or of <w, x> + t.
lsh.recall_sample.index_id integer not null
lsh.recall_sample.family_id integer not null
lsh.recall_sample.sampled_at timestamp with time zone not null default now()
lsh.recall_sample.k integer not null
lsh.recall_sample.recall double precision not null
lsh.recall_sample.id uuid not null default gen_random_uuid()
lsh.sampled_recall.index text
lsh.sampled_recall.day date
lsh.sampled_recall.k integer
lsh.sampled_recall.searches bigint
lsh.sampled_recall.recall double precision
lsh.sampled_recall.least double precision -- Lowest recall.
lsh.sampled_recall.complete double precision -- Share of the searches that found all true neighbours.

-- constraints

cbir.encoder encoder_dims_check CHECK ((dims > 0))
cbir.encoder encoder_name_key UNIQUE (name)
cbir.encoder encoder_pkey PRIMARY KEY (id)
cbir.evaluation evaluation_pkey PRIMARY KEY (id)
cbir.evaluation evaluation_seconds_check CHECK ((seconds >= (0)::double precision))
cbir.item item_dataset_source_key_key UNIQUE (dataset, source_key)
cbir.item item_kind_check CHECK ((kind = ANY (ARRAY['slice'::text, 'plan'::text, 'image'::text, 'neuron'::text])))
cbir.item item_pkey PRIMARY KEY (id)
cbir.patient patient_dataset_pseudonym_key UNIQUE (dataset, pseudonym)
cbir.patient patient_pkey PRIMARY KEY (id)
cbir.patient patient_split_check CHECK ((split = ANY (ARRAY['train'::text, 'test'::text])))
cbir.picture picture_item_id_fkey FOREIGN KEY (item_id) REFERENCES cbir.item(id) ON DELETE CASCADE
cbir.picture picture_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES cbir.patient(id)
cbir.picture picture_pkey PRIMARY KEY (item_id)
cbir.plan plan_fractions_check CHECK ((fractions > 0))
cbir.plan plan_machine_check CHECK ((machine <> ''::text))
cbir.plan plan_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES cbir.patient(id)
cbir.plan plan_patient_id_source_key_key UNIQUE (patient_id, source_key)
cbir.plan plan_pkey PRIMARY KEY (id)
cbir.plan plan_prescription_gy_check CHECK ((prescription_gy > (0)::double precision))
cbir.plan plan_radiation_check CHECK ((radiation = ANY (ARRAY['photon'::text, 'electron'::text, 'neutron'::text, 'proton'::text, 'ion'::text, 'brachy'::text, 'mixed'::text])))
cbir.plan plan_site_check CHECK ((site <> ''::text))
cbir.plan plan_technique_check CHECK ((technique = ANY (ARRAY['static'::text, 'modulated'::text, 'arc'::text, 'scanned'::text, 'scattered'::text])))
cbir.plan plan_voxel_mm_check CHECK ((cardinality(voxel_mm) = 3))
cbir.plan_item plan_item_item_id_fkey FOREIGN KEY (item_id) REFERENCES cbir.item(id) ON DELETE CASCADE
cbir.plan_item plan_item_pkey PRIMARY KEY (item_id)
cbir.plan_item plan_item_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES cbir.plan(id) ON DELETE CASCADE
cbir.plan_item plan_item_plan_id_key UNIQUE (plan_id)
cbir.slice slice_check CHECK ((num_nulls(dose_mean_gy, dose_max_gy, dose, dose_unit_gy) = ANY (ARRAY[0, 4])))
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
cbir.space space_check CHECK ((num_nonnulls(encoder_id, parts, pooling) = 1))
cbir.space space_dims_check CHECK (((dims >= 1) AND (dims <= 16000)))
cbir.space space_encoder_id_fkey FOREIGN KEY (encoder_id) REFERENCES cbir.encoder(id)
cbir.space space_name_check CHECK ((name ~ '^[a-z_][a-z0-9_]{0,62}$'::text))
cbir.space space_pkey PRIMARY KEY (name)
cbir.structure structure_check CHECK ((num_nulls(mean_gy, max_gy, dvh_bin_gy, dvh) = ANY (ARRAY[0, 4])))
cbir.structure structure_dosed_share_check CHECK (((dosed_share >= (0)::double precision) AND (dosed_share <= (1)::double precision)))
cbir.structure structure_dvh_bin_gy_check CHECK ((dvh_bin_gy > (0)::double precision))
cbir.structure structure_max_gy_check CHECK ((max_gy >= (0)::double precision))
cbir.structure structure_mean_gy_check CHECK ((mean_gy >= (0)::double precision))
cbir.structure structure_pkey PRIMARY KEY (plan_id, name)
cbir.structure structure_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES cbir.plan(id) ON DELETE CASCADE
cbir.structure structure_role_check CHECK ((role = ANY (ARRAY['target'::text, 'organ'::text])))
cbir.structure structure_volume_cc_check CHECK ((volume_cc >= (0)::double precision))
lsh.family family_bandwidth_check CHECK (((bandwidth > (0)::double precision) AND (bandwidth < 'Infinity'::double precision)))
lsh.family family_bits_check CHECK (((bits >= 16) AND (bits <= 8192)))
lsh.family family_bucket_count_check CHECK (((bucket_count >= 1) AND (bucket_count <= 65536)))
lsh.family family_bucket_kind_check CHECK ((bucket_kind = ANY (ARRAY['bits'::text, 'qary'::text, 'voronoi'::text])))
lsh.family family_check CHECK (
CASE kind
    WHEN 'qary'::text THEN ((levels >= 3) AND (levels <= 16))
    ELSE (levels = 2)
END)
lsh.family family_check1 CHECK (((bandwidth IS NULL) = (kind = ANY (ARRAY['sign'::text, 'itq'::text, 'residual'::text, 'scalar'::text]))))
lsh.family family_check2 CHECK (((kind <> ALL (ARRAY['residual'::text, 'scalar'::text])) OR (bucket_kind = 'voronoi'::text)))
lsh.family family_dims_check CHECK (((dims >= 1) AND (dims <= 16000)))
lsh.family family_kind_check CHECK ((kind = ANY (ARRAY['kernel'::text, 'cosine'::text, 'sign'::text, 'itq'::text, 'qary'::text, 'residual'::text, 'scalar'::text])))
lsh.family family_name_key UNIQUE (name)
lsh.family family_pkey PRIMARY KEY (id)
lsh.family family_version_check CHECK ((version = 1))
lsh.index index_candidates_check CHECK ((candidates > 0))
lsh.index index_family_id_fkey FOREIGN KEY (family_id) REFERENCES lsh.family(id)
lsh.index index_maintain_check CHECK ((maintain = ANY (ARRAY['trigger'::text, 'loader'::text])))
lsh.index index_name_check CHECK ((name ~ '^[a-z_][a-z0-9_]{0,62}$'::text))
lsh.index index_name_key UNIQUE (name)
lsh.index index_pkey PRIMARY KEY (id)
lsh.index index_probes_check CHECK ((probes > 0))
lsh.index index_ranking_check CHECK ((ranking = ANY (ARRAY['hamming'::text, 'asymmetric'::text, 'estimate'::text])))
lsh.index index_security_check CHECK ((security = ANY (ARRAY['policies'::text, 'open'::text])))
lsh.index index_stage_check CHECK ((stage = ANY (ARRAY['buckets'::text, 'scan'::text, 'hnsw'::text, 'exact'::text])))
lsh.index index_state_check CHECK ((state = ANY (ARRAY['building'::text, 'ready'::text, 'suspect'::text])))
lsh.index_check index_check_index_id_fkey FOREIGN KEY (index_id) REFERENCES lsh.index(id) ON DELETE CASCADE
lsh.index_check index_check_pkey PRIMARY KEY (index_id, checked_at)
lsh.index_progress index_progress_index_id_fkey FOREIGN KEY (index_id) REFERENCES lsh.index(id) ON DELETE CASCADE
lsh.index_progress index_progress_pkey PRIMARY KEY (index_id)
lsh.projection projection_family_id_fkey FOREIGN KEY (family_id) REFERENCES lsh.family(id) ON DELETE CASCADE
lsh.projection projection_pkey PRIMARY KEY (family_id, purpose, ordinal)
lsh.projection projection_purpose_check CHECK ((purpose = ANY (ARRAY['code'::text, 'bucket'::text, 'group'::text, 'image'::text])))
lsh.recall_sample recall_sample_index_id_fkey FOREIGN KEY (index_id) REFERENCES lsh.index(id) ON DELETE CASCADE
lsh.recall_sample recall_sample_k_check CHECK ((k > 0))
lsh.recall_sample recall_sample_pkey PRIMARY KEY (index_id, sampled_at, id)
lsh.recall_sample recall_sample_recall_check CHECK (((recall >= (0)::double precision) AND (recall <= (1)::double precision)))

-- indexes

CREATE INDEX index_family_id_idx ON lsh.index USING btree (family_id)
CREATE INDEX index_relation_idx ON lsh.index USING btree (relation)
CREATE INDEX projection_family_id_purpose_parent_idx ON lsh.projection USING btree (family_id, purpose, parent) WHERE (parent IS NOT NULL)
CREATE UNIQUE INDEX encoder_name_key ON cbir.encoder USING btree (name)
CREATE UNIQUE INDEX encoder_pkey ON cbir.encoder USING btree (id)
CREATE UNIQUE INDEX evaluation_pkey ON cbir.evaluation USING btree (id)
CREATE UNIQUE INDEX family_name_key ON lsh.family USING btree (name)
CREATE UNIQUE INDEX family_pkey ON lsh.family USING btree (id)
CREATE UNIQUE INDEX index_check_pkey ON lsh.index_check USING btree (index_id, checked_at)
CREATE UNIQUE INDEX index_name_key ON lsh.index USING btree (name)
CREATE UNIQUE INDEX index_pkey ON lsh.index USING btree (id)
CREATE UNIQUE INDEX index_progress_pkey ON lsh.index_progress USING btree (index_id)
CREATE UNIQUE INDEX item_dataset_source_key_key ON cbir.item USING btree (dataset, source_key)
CREATE UNIQUE INDEX item_pkey ON cbir.item USING btree (id)
CREATE UNIQUE INDEX patient_dataset_pseudonym_key ON cbir.patient USING btree (dataset, pseudonym)
CREATE UNIQUE INDEX patient_pkey ON cbir.patient USING btree (id)
CREATE UNIQUE INDEX picture_pkey ON cbir.picture USING btree (item_id)
CREATE UNIQUE INDEX plan_item_pkey ON cbir.plan_item USING btree (item_id)
CREATE UNIQUE INDEX plan_item_plan_id_key ON cbir.plan_item USING btree (plan_id)
CREATE UNIQUE INDEX plan_patient_id_source_key_key ON cbir.plan USING btree (patient_id, source_key)
CREATE UNIQUE INDEX plan_pkey ON cbir.plan USING btree (id)
CREATE UNIQUE INDEX projection_pkey ON lsh.projection USING btree (family_id, purpose, ordinal)
CREATE UNIQUE INDEX recall_sample_pkey ON lsh.recall_sample USING btree (index_id, sampled_at, id)
CREATE UNIQUE INDEX slice_pkey ON cbir.slice USING btree (item_id)
CREATE UNIQUE INDEX slice_plan_id_index_key ON cbir.slice USING btree (plan_id, index)
CREATE UNIQUE INDEX space_pkey ON cbir.space USING btree (name)
CREATE UNIQUE INDEX structure_pkey ON cbir.structure USING btree (plan_id, name)

-- views

cbir._member
 SELECT slice.item_id,
    slice.plan_id,
    slice.index,
    slice.position_mm,
    slice.dose_mean_gy
   FROM cbir.slice
UNION ALL
 SELECT plan_item.item_id,
    plan_item.plan_id,
    0 AS index,
    0 AS position_mm,
    1 AS dose_mean_gy
   FROM cbir.plan_item;
cbir.dvh
 SELECT structure.plan_id,
    structure.name AS structure,
    ((bin.place - 1)::double precision * structure.dvh_bin_gy)::real AS dose_gy,
    bin.volume
   FROM cbir.structure
     CROSS JOIN LATERAL unnest(structure.dvh) WITH ORDINALITY bin(volume, place);
cbir.evaluation_figures
 SELECT evaluation.id AS evaluation_id,
    evaluation.dataset,
    measured.space,
    agreement.kind,
    agreement.bits,
    agreement.k,
    agreement.same_patient,
    agreement.queries,
    agreement.patients,
    (agreement.dice ->> 'mean'::text)::double precision AS dice,
    (agreement.dice ->> 'low'::text)::double precision AS dice_low,
    (agreement.dice ->> 'high'::text)::double precision AS dice_high,
    (agreement.jaccard ->> 'mean'::text)::double precision AS jaccard,
    (agreement.jaccard ->> 'low'::text)::double precision AS jaccard_low,
    (agreement.jaccard ->> 'high'::text)::double precision AS jaccard_high
   FROM cbir.evaluation
     CROSS JOIN LATERAL jsonb_to_recordset(evaluation.spaces) measured(space text, agreement jsonb)
     CROSS JOIN LATERAL jsonb_to_recordset(measured.agreement) agreement(kind text, bits integer, k integer, same_patient boolean, queries integer, patients integer, dice jsonb, jaccard jsonb);
cbir.evaluation_retrieval
 SELECT evaluation.id AS evaluation_id,
    evaluation.dataset,
    measured.space,
    measured.level_error_mm,
    ((measured.intervals -> 'level_error_mm'::text) ->> 0)::double precision AS level_error_low,
    ((measured.intervals -> 'level_error_mm'::text) ->> 1)::double precision AS level_error_high,
    measured.dose_gap_gy,
    ((measured.intervals -> 'dose_gap_gy'::text) ->> 0)::double precision AS dose_gap_low,
    ((measured.intervals -> 'dose_gap_gy'::text) ->> 1)::double precision AS dose_gap_high,
    measured.dvh_gap_gy,
    ((measured.intervals -> 'dvh_gap_gy'::text) ->> 0)::double precision AS dvh_gap_low,
    ((measured.intervals -> 'dvh_gap_gy'::text) ->> 1)::double precision AS dvh_gap_high
   FROM cbir.evaluation
     CROSS JOIN LATERAL jsonb_to_recordset(evaluation.across_patients -> 'spaces'::text) measured(space text, level_error_mm double precision, dose_gap_gy double precision, dvh_gap_gy double precision, intervals jsonb);
cbir.evaluation_searches
 SELECT evaluation.id AS evaluation_id,
    evaluation.dataset,
    measured.space,
    cost.index,
    cost.stage,
    cost.probes,
    (cost.recall ->> 'mean'::text)::double precision AS recall,
    (cost.recall ->> 'low'::text)::double precision AS recall_low,
    (cost.recall ->> 'high'::text)::double precision AS recall_high,
    cost.code_loss,
    cost.bucket_loss,
    cost.visited_share,
    cost.median_ms,
    cost.p95_ms
   FROM cbir.evaluation
     CROSS JOIN LATERAL jsonb_to_recordset(evaluation.spaces) measured(space text, search jsonb)
     CROSS JOIN LATERAL jsonb_to_recordset(measured.search) cost(index text, stage text, probes integer, recall jsonb, code_loss double precision, bucket_loss double precision, visited_share double precision, median_ms double precision, p95_ms double precision);
cbir.pictures
 SELECT picture.item_id,
    item.dataset,
    item.kind,
    patient.split,
    patient.pseudonym AS source,
    item.source_key AS key,
    item.label,
    item.attributes
   FROM cbir.picture
     JOIN cbir.item ON item.id = picture.item_id
     JOIN cbir.patient ON patient.id = picture.patient_id;
cbir.plans
 SELECT plan.id AS plan_id,
    patient.dataset,
    patient.split,
    patient.pseudonym AS patient,
    plan.source_key AS plan,
    plan.site,
    plan.prescription_gy,
    plan.fractions,
    plan.radiation,
    plan.technique,
    plan.machine,
    ( SELECT count(*)::integer AS count
           FROM cbir.slice
          WHERE slice.plan_id = plan.id) AS slices,
    ( SELECT structure.volume_cc
           FROM cbir.structure
          WHERE structure.plan_id = plan.id AND structure.role = 'target'::text AND structure.volume_cc IS NOT NULL
          ORDER BY structure.mean_gy DESC NULLS LAST, (structure.name COLLATE "C")
         LIMIT 1) AS target_volume_cc,
    ARRAY( SELECT structure.name
           FROM cbir.structure
          WHERE structure.plan_id = plan.id AND structure.volume_cc > 0::double precision
          ORDER BY (structure.name COLLATE "C")) AS structures,
    ( SELECT max(slice.dose_max_gy) AS max
           FROM cbir.slice
          WHERE slice.plan_id = plan.id) AS dose_max_gy
   FROM cbir.plan
     JOIN cbir.patient ON patient.id = plan.patient_id;
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
    plan.prescription_gy,
    slice.plan_id
   FROM cbir.slice
     JOIN cbir.item ON item.id = slice.item_id
     JOIN cbir.plan ON plan.id = slice.plan_id
     JOIN cbir.patient ON patient.id = plan.patient_id;
cbir.structures
 SELECT structure.plan_id,
    patient.pseudonym AS patient,
    plan.source_key AS plan,
    structure.name,
    structure.role,
    structure.volume_cc,
    structure.mean_gy,
    structure.max_gy,
    ( SELECT sum(area.cm2 * slice.position_mm) / NULLIF(sum(area.cm2), 0::double precision) AS float4
           FROM unnest(structure.areas_cm2) WITH ORDINALITY area(cm2, place)
             JOIN ( SELECT one.position_mm,
                    row_number() OVER (ORDER BY one.index) AS place
                   FROM cbir.slice one
                  WHERE one.plan_id = structure.plan_id) slice USING (place)) AS centre_mm,
    structure.dosed_share
   FROM cbir.structure
     JOIN cbir.plan ON plan.id = structure.plan_id
     JOIN cbir.patient ON patient.id = plan.patient_id;
lsh.health
 SELECT index.name AS index,
    lsh_internal.table_name(index.relation) AS relation,
    index.state,
    trouble.problem,
    trouble.hint,
    GREATEST(source.reltuples, 0::real)::bigint AS rows,
    GREATEST(code.reltuples, 0::real)::bigint AS codes,
        CASE index.state
            WHEN 'building'::text THEN GREATEST(progress.total - progress.done, 0::bigint)
            ELSE NULL::bigint
        END AS behind,
    pg_total_relation_size(code.oid::regclass) AS code_bytes,
    activity.n_dead_tup::double precision / NULLIF(activity.n_live_tup + activity.n_dead_tup, 0)::double precision AS dead_share,
    code.relallvisible::double precision / NULLIF(code.relpages, 0)::double precision AS visible_share,
    lsh_internal.estimated_skew(index.codes, family.bucket_count) AS skew,
    checked.checked_at,
    checked.recall_first,
    checked.recall,
    checked.drift
   FROM lsh.index
     LEFT JOIN lsh.family ON family.id = index.family_id
     LEFT JOIN LATERAL ( SELECT pg_class.reltuples
           FROM pg_class
          WHERE pg_class.oid = index.relation::oid
         OFFSET 0) source ON true
     LEFT JOIN LATERAL ( SELECT pg_class.oid,
            pg_class.reltuples,
            pg_class.relallvisible,
            pg_class.relpages
           FROM pg_class
          WHERE pg_class.oid = index.codes::oid
         OFFSET 0) code ON true
     LEFT JOIN pg_stat_all_tables activity ON activity.relid = index.codes::oid
     LEFT JOIN lsh.index_progress progress ON progress.index_id = index.id
     LEFT JOIN LATERAL lsh_internal.trouble(index.*) trouble(problem, hint) ON true
     LEFT JOIN ( SELECT measured.index_id,
            measured.family_id,
            max(measured.checked_at) AS checked_at,
            (array_agg(measured.recall ORDER BY measured.checked_at) FILTER (WHERE measured.recall IS NOT NULL))[1] AS recall_first,
            (array_agg(measured.recall ORDER BY measured.checked_at DESC))[1] AS recall,
            (array_agg(measured.drift ORDER BY measured.checked_at DESC))[1] AS drift
           FROM lsh.index_check measured
          GROUP BY measured.index_id, measured.family_id) checked ON checked.index_id = index.id AND checked.family_id = index.family_id;
lsh.sampled_recall
 SELECT index.name AS index,
    sample.sampled_at::date AS day,
    sample.k,
    count(*) AS searches,
    avg(sample.recall) AS recall,
    min(sample.recall) AS "least",
    avg((sample.recall = 1::double precision)::integer)::double precision AS complete
   FROM lsh.recall_sample sample
     JOIN lsh.index ON index.id = sample.index_id AND index.family_id = sample.family_id
  GROUP BY index.name, (sample.sampled_at::date), sample.k;

-- triggers

CREATE TRIGGER immutable BEFORE UPDATE ON lsh.family FOR EACH ROW WHEN ((old.checksum <> ''::text)) EXECUTE FUNCTION lsh_internal.refuse_update()
CREATE TRIGGER immutable BEFORE UPDATE ON lsh.projection FOR EACH STATEMENT EXECUTE FUNCTION lsh_internal.refuse_update()
CREATE TRIGGER known BEFORE INSERT ON lsh.family FOR EACH ROW WHEN ((new.version <> 1)) EXECUTE FUNCTION lsh_internal.refuse_version()

-- policies

own on lsh.family for * using lsh_internal.has_role(owner) with check lsh_internal.has_role(owner)
usable on lsh.family for r using lsh_internal.may_use(family.*) with check
all_see on lsh.index for r using true with check
own on lsh.index for * using (lsh_internal.owns(relation) OR lsh_internal.owns(codes)) with check (lsh_internal.owns(relation) AND lsh_internal.owns(codes) AND lsh_internal.may_use_family(family_id))
own on lsh.index_check for * using (EXISTS ( SELECT
   FROM lsh.index
  WHERE ((index.id = index_check.index_id) AND lsh_internal.owns(index.relation)))) with check
all_see on lsh.index_progress for r using true with check
own on lsh.index_progress for * using (EXISTS ( SELECT
   FROM lsh.index
  WHERE ((index.id = index_progress.index_id) AND lsh_internal.owns(index.relation)))) with check
own on lsh.projection for a using  with check (EXISTS ( SELECT
   FROM lsh.family
  WHERE ((family.id = projection.family_id) AND (family.checksum = ''::text) AND lsh_internal.has_role(family.owner))))
add on lsh.recall_sample for a using  with check (EXISTS ( SELECT
   FROM lsh.index
  WHERE ((index.id = recall_sample.index_id) AND has_table_privilege((index.codes)::oid, 'select'::text))))
own on lsh.recall_sample for * using (EXISTS ( SELECT
   FROM lsh.index
  WHERE ((index.id = recall_sample.index_id) AND lsh_internal.owns(index.relation)))) with check

-- rights

lsh.family: SELECT to public
lsh.health: SELECT to public
lsh.index: SELECT to public
lsh.index_check: SELECT to public
lsh.recall_sample: SELECT to public
lsh.sampled_recall: SELECT to public

-- functions

cbir._assert_compared(plan integer, space text, weights text)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless a plan has features in a space and the weights of slices are valid.
cbir._assert_own()
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless the caller has the rights of the owner of the schema cbir.
cbir._candidate_plans(index lsh.index, plan integer, space text, weights text, eligible integer[], candidates integer)
  returns integer[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Plans that the hash index finds near sampled slices of a plan, ordered by how much nearer they are than the last plan found.
cbir._eligible_plans(plan integer, exclude_same_patient boolean, allowed integer[], filter jsonb)
  returns integer[]
  language sql stable parallel unsafe
  -- Plans that a query by a plan may return, encoded or not.
cbir._features(item integer, space text)
  returns vector
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Features of an item in a space. Raises an error if it was not encoded.
cbir._filter_part(filter jsonb, view regclass, others regclass)
  returns jsonb
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Entries of a filter that are columns of a view. Raises an error for a column that neither this view nor the other has.
cbir._forget_distributed()
  returns trigger
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Trigger that removes the features of deleted items from spaces that Citus has distributed, in place of a foreign key.
cbir._indexes_of_spaces()
  returns SETOF text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Names of the hash indexes of all spaces.
cbir._left_out(item integer, exclude_same_patient boolean)
  returns text[]
  language sql stable parallel unsafe
  -- Keys that a query by an item never returns: the item and, by default, all items of its patient.
cbir._matched(vectors vector[], others vector[])
  returns integer
  language sql immutable parallel safe
  -- Number of others that are the nearest of at least one vector.
cbir._mean_nearest(vectors vector[], weights double precision[], others vector[])
  returns double precision
  language sql immutable parallel safe
  -- Weighted mean of the distance from each vector to the nearest of others.
cbir._nearest_of_patients(index lsh.index, query vector, k integer, candidates integer, probes integer, exclude text[], allowed text[])
  returns TABLE(item_id integer, distance double precision, hamming integer)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- The nearest item of each of the k nearest patients.
cbir._plans_where(filter jsonb)
  returns integer[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Plans that pass a filter over the columns of cbir.plans.
cbir._require_index(space text)
  returns lsh.index
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- The hash index of a space: the one of the same name, else the oldest.
cbir._sees_only_dose(space text)
  returns boolean
  language sql stable parallel unsafe
  -- Whether the encoders of a space encode dose only; all slices without dose then have the same vector.
cbir._slices_where(filter jsonb, allowed integer[])
  returns text[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Keys of the allowed slices that pass a filter over the columns of cbir.slices and cbir.plans; null if all pass.
cbir._sources_of(space cbir.space)
  returns text[]
  language sql immutable parallel unsafe
  -- Names of the spaces from whose vectors a space is computed; empty for a space with an encoder.
cbir._weighted_slices(plans integer[], space text, weights text)
  returns TABLE(plan_id integer, item_id integer, index integer, position_mm real, vector vector, weight double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Encoded slices of plans with their weights; the weights of a plan sum to 1.
cbir.compare_slices(space text, items integer[], ks integer[] DEFAULT '{10}'::integer[], exclude_same_patient boolean DEFAULT true, candidates integer DEFAULT NULL::integer, probes integer DEFAULT NULL::integer)
  returns TABLE(item_id integer, k integer, overlap integer, dice double precision, jaccard double precision, recall double precision, code_loss double precision, bucket_loss double precision, visited_share double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Works like lsh.compare for slices of a space, by default among other patients only.
cbir.create_space(name text, dims integer, encoder text DEFAULT NULL::text, parts jsonb DEFAULT NULL::jsonb, pooling jsonb DEFAULT NULL::jsonb)
  returns text
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Creates the table space.<name> (item_id, embedding vector(dims)) for the features of an encoder, of joined spaces, or of plans pooled from a space of slices.
cbir.delete_items(items integer[])
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Removes items outside plans, with their features and codes. The patients, tiles and neurons that they show stay.
cbir.delete_plan(plan integer)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Removes a plan with its slices, features and codes; its patient stays.
cbir.distribute_space(space text, shards integer DEFAULT NULL::integer)
  returns integer
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Distributes the features of a space and their codes over the workers of Citus by item, and returns the number of shards. All other tables stay on the coordinator.
cbir.drop_space(space text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Removes a space with its features, indexes and encoder, and the spaces that are built from it. Does nothing if the space does not exist.
cbir.encoders_of(space text)
  returns integer[]
  language sql stable parallel unsafe
  -- Encoders whose features a space holds: its own, or those of its parts and their parts; null for an unknown space.
cbir.grant_reader(role name)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Allows a role, or public, to read all plans and images and to search all spaces that exist now. Run it again after you create a space or an index.
cbir.matched_slices(plan integer, other integer, space text, weights text DEFAULT 'equal'::text)
  returns TABLE(item_id integer, index integer, position_mm real, other_item_id integer, other_index integer, other_position_mm real, distance double precision, weight double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Lists the slices of a plan with the nearest slice of another plan, its distance and its weight. The sum of weight * distance is "forward" of cbir.similar_plans.
cbir.plan_id(key text)
  returns integer
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Number of the plan with that key, as in cbir.plans. Raises an error if no plan or several plans have it.
cbir.plan_space(plan integer)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Default space of cbir.similar_plans: of the spaces that have an index and hold the plan, the best by measurement.
cbir.revoke_reader(role name)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Revokes the rights that cbir.grant_reader granted.
cbir.similar_plans(query_plan integer, space text DEFAULT NULL::text, k integer DEFAULT 10, exclude_same_patient boolean DEFAULT true, weights text DEFAULT 'equal'::text, candidates integer DEFAULT NULL::integer, allowed integer[] DEFAULT NULL::integer[], filter jsonb DEFAULT NULL::jsonb, one_per_patient boolean DEFAULT false)
  returns TABLE(plan_id integer, distance double precision, forward double precision, backward double precision, matched integer, patient text, plan text)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Finds the k plans most similar to a stored one, by the modified Hausdorff distance of their slices. filter: columns of cbir.plans; one_per_patient: only the best plan of each patient.
cbir.similar_plans(query_plan text, space text DEFAULT NULL::text, k integer DEFAULT 10, exclude_same_patient boolean DEFAULT true, weights text DEFAULT 'equal'::text, candidates integer DEFAULT NULL::integer, allowed integer[] DEFAULT NULL::integer[], filter jsonb DEFAULT NULL::jsonb, one_per_patient boolean DEFAULT false)
  returns TABLE(plan_id integer, distance double precision, forward double precision, backward double precision, matched integer, patient text, plan text)
  language sql stable parallel unsafe
  -- cbir.similar_plans for the plan with that key.
cbir.similar_slices(item integer, space text, k integer DEFAULT 10, exclude_same_patient boolean DEFAULT true, candidates integer DEFAULT NULL::integer, probes integer DEFAULT NULL::integer, filter jsonb DEFAULT NULL::jsonb, allowed integer[] DEFAULT NULL::integer[], one_per_patient boolean DEFAULT false)
  returns TABLE(item_id integer, distance double precision, hamming integer, patient text, plan text, index integer, position_mm real)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Finds the k slices most similar to a stored one, by default of other patients. filter: columns of cbir.slices and cbir.plans; one_per_patient: only the best slice of each patient.
cbir.similar_slices_exact(item integer, space text, k integer DEFAULT 10, exclude_same_patient boolean DEFAULT true, filter jsonb DEFAULT NULL::jsonb, allowed integer[] DEFAULT NULL::integer[])
  returns TABLE(item_id integer, distance double precision, patient text, plan text, index integer, position_mm real)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Scans a space for the k slices truly nearest to a stored one, by default of other patients. Conditions are those of cbir.similar_slices.
cbir.undistribute_space(space text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Moves a space and its codes back to the coordinator, as they were before cbir.distribute_space.
lsh.binary_quantize(vector vector)
  returns bit
  language sql immutable parallel safe
  -- Signs of the elements of a vector: 1 if the element is positive.
lsh.build_index(IN index text, IN batch integer DEFAULT 5000)
  returns 
  language plpgsql volatile parallel unsafe
  -- Fills an index created with build => 'later' while the table can be written. Commits after every batch; call it again to continue. See lsh.index_progress.
lsh.calibrate(relation regclass, "column" name, k integer DEFAULT 50, sample integer DEFAULT 2000, seed integer DEFAULT 1, kind text DEFAULT 'kernel'::text, bandwidth double precision DEFAULT NULL::double precision)
  returns lsh.calibration
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Measures a sample of a vector column: neighbour radius, contrast, suitable bandwidth and the expected Hamming curve, best kind. Warns of data without structure.
lsh.compact_index(index text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Rewrites the code table in the order of its buckets, so that each bucket occupies few pages after many single writes. Locks the table.
lsh.compare(index text, queries text[], ks integer[] DEFAULT '{10}'::integer[], candidates integer DEFAULT NULL::integer, probes integer DEFAULT NULL::integer, excludes jsonb DEFAULT '{}'::jsonb, stage text DEFAULT 'buckets'::text, ranking text DEFAULT NULL::text)
  returns TABLE(query text, k integer, overlap integer, dice double precision, jaccard double precision, recall double precision, code_loss double precision, bucket_loss double precision, visited_share double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Compares codes and searches with the exact neighbours of some rows: overlap, Dice, Jaccard, recall, and the recall lost by codes and by buckets.
lsh.compare_nearest(rows_of anyelement, query vector DEFAULT NULL::vector, item text DEFAULT NULL::text, ks integer[] DEFAULT '{10}'::integer[], candidates integer DEFAULT NULL::integer, probes integer DEFAULT NULL::integer, exclude text[] DEFAULT '{}'::text[], filter jsonb DEFAULT NULL::jsonb, allowed text[] DEFAULT NULL::text[], stage text DEFAULT NULL::text, ranking text DEFAULT NULL::text, index text DEFAULT NULL::text, key_column text DEFAULT NULL::text)
  returns TABLE(k integer, overlap integer, dice double precision, jaccard double precision, recall double precision, code_loss double precision, bucket_loss double precision, visited_share double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Works like lsh.compare for one search of lsh.nearest, with any query and any filter. visited_share is 0 if the search reads the vectors.
lsh.cosine_distance(a vector, b vector)
  returns double precision
  language sql immutable parallel safe
  -- 1 minus the cosine of the angle between two vectors: a <=> b.
lsh.create_family(name text, relation regclass, "column" name, bits integer DEFAULT 512, kind text DEFAULT NULL::text, seed integer DEFAULT 1, bandwidth double precision DEFAULT NULL::double precision, bucket_bits integer DEFAULT NULL::integer, sample integer DEFAULT 2000, levels integer DEFAULT 4)
  returns text
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Draws a hash family for a vector column, calibrated on a sample of it, stores it and returns its name. Kinds: kernel, cosine, sign and qary. Default: the one that finds most.
lsh.create_index(relation regclass, "column" name, family text, name text DEFAULT NULL::text, maintain text DEFAULT 'trigger'::text, probes integer DEFAULT NULL::integer, candidates integer DEFAULT NULL::integer, build text DEFAULT 'now'::text, security text DEFAULT 'policies'::text, key_column text DEFAULT NULL::text)
  returns text
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Creates the code table lsh_index.<name> for a vector column, fills it unless the loader does or build is "later", and returns its name.
lsh.dice(a anyarray, b anyarray)
  returns double precision
  language sql immutable strict parallel safe
  set search_path=pg_catalog, pg_temp
  -- Dice score 2 |A and B| / (|A| + |B|) of two result sets; null if both are empty.
lsh.distribute(index text, shards integer DEFAULT NULL::integer)
  returns integer
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Distributes the table of an index and all of its code tables over the workers of Citus by key, and returns the number of shards. Tables that are already distributed stay as they are.
lsh.drop_family(family text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Removes a hash family that no index uses.
lsh.drop_index(name text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Removes an index, its code table, its functions and its triggers.
lsh.encode(family text, x vector)
  returns bit
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Code of a vector, bit(bits of the family). Codes of a residual or scalar family are comparable only within a bucket.
lsh.expected_hamming(kind text, distance double precision, bandwidth double precision DEFAULT NULL::double precision, mean_distance double precision DEFAULT NULL::double precision, levels integer DEFAULT 4)
  returns double precision
  language sql immutable parallel safe
  -- Expected share of bits in which the codes of two vectors at a distance differ; null for kinds residual and scalar, and if a figure that the kind needs is missing.
lsh.explain_search(index text, query vector, k integer DEFAULT 10, candidates integer DEFAULT NULL::integer, probes integer DEFAULT NULL::integer, exclude text[] DEFAULT '{}'::text[], filter jsonb DEFAULT NULL::jsonb, allowed text[] DEFAULT NULL::text[], stage text DEFAULT NULL::text, ranking text DEFAULT NULL::text)
  returns TABLE(chosen_stage text, chosen_ranking text, buckets integer, visited integer, reranked integer, exhausted boolean, plan_ms double precision, hash_ms double precision, candidate_ms double precision, search_ms double precision, passing double precision, tested integer)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Runs lsh.search and reports what it did: stage, ranking, buckets, codes visited, candidates re-ranked, share of rows that pass the conditions, and the time of each step.
lsh.explain_within(index text, query vector, radius double precision, max_rows integer DEFAULT NULL::integer, exclude text[] DEFAULT '{}'::text[], filter jsonb DEFAULT NULL::jsonb, allowed text[] DEFAULT NULL::text[])
  returns TABLE(proof text, codes integer, in_reach integer, verified integer, rows integer, search_ms double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Runs lsh.within and reports how it found the rows: by bounds or by the table, how many codes the first bound admits, how many rows were measured, and how many are within the radius.
lsh.family_checksum(family text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Recomputes the checksum of a family from its parameters. It differs from lsh.family.checksum if they were tampered with.
lsh.grant_create(role name)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Allows a role to create hash families, and indexes on its own tables. The owner of the schema lsh grants it.
lsh.grant_search(index text, role name)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Allows a role, or public, to search an index: to read the keys and vectors of the table, and the codes of the rows that the policies of the table show it.
lsh.hamming(a bit, b bit)
  returns integer
  language sql immutable strict parallel safe
  -- Number of positions in which two codes of equal length differ.
lsh.index_of(relation regclass)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Hash index of a table: the one with the name of the table, or else the oldest.
lsh.index_stats(index text)
  returns TABLE(family text, kind text, bits integer, state text, stage text, rows bigint, codes bigint, code_bytes bigint, family_bytes bigint, buckets integer, buckets_used integer, largest_bucket integer, skew double precision, correlation real, probes integer, candidates integer, expected_visited bigint)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Size and shape of an index: rows, codes, bytes, buckets and how evenly they are filled, and the codes a search is expected to visit. Counts the rows that the caller may see.
lsh.jaccard(a anyarray, b anyarray)
  returns double precision
  language sql immutable strict parallel safe
  set search_path=pg_catalog, pg_temp
  -- Jaccard score |A and B| / |A or B| of two result sets; null if both are empty.
lsh.l2_distance(a vector, b vector)
  returns double precision
  language sql immutable parallel safe
  -- Euclidean distance of two vectors: a <-> b.
lsh.maintain(index text DEFAULT NULL::text, sample integer DEFAULT 20)
  returns TABLE(name text, finding text, advice text, command text)
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Checks one index, or all of the caller's: measures recall and drift on a sample, and returns the most urgent action for each index with the command to type.
lsh.mend_index(index text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Adapts an index to changes of its table: names, owner, key type, logging, triggers. Removes an index whose table no longer exists. Raises an error with a hint if that is not enough.
lsh.nearest(rows_of anyelement, query vector DEFAULT NULL::vector, item text DEFAULT NULL::text, k integer DEFAULT 10, candidates integer DEFAULT NULL::integer, probes integer DEFAULT NULL::integer, exclude text[] DEFAULT '{}'::text[], filter jsonb DEFAULT NULL::jsonb, allowed text[] DEFAULT NULL::text[], stage text DEFAULT NULL::text, ranking text DEFAULT NULL::text, index text DEFAULT NULL::text, key_column text DEFAULT NULL::text)
  returns TABLE(near anyelement, distance double precision, hamming integer, estimated boolean)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Works like lsh.search, but returns whole rows: lsh.nearest(null::schema.table, query => ...) or (..., item => key).
lsh.pairs(index text, radius double precision DEFAULT NULL::double precision, other text DEFAULT NULL::text, max_pairs integer DEFAULT 1000000, k integer DEFAULT NULL::integer)
  returns TABLE(a text, b text, distance double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- All pairs of rows within a radius, each once; or each row with its k nearest, with the recall of lsh.search. In one table, or between two. Works cell by cell if it can.
lsh.probes(family text, x vector, n integer)
  returns integer[]
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp
  -- The n buckets to visit for a query, best first.
lsh.reindex(index text, family text, build text DEFAULT 'now'::text)
  returns text
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Hashes the column of an index with another family, or again with its own. With build => 'later' it returns the name of a successor, for lsh.build_index and lsh.switch_index.
lsh.revoke_search(index text, role name)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Revokes the rights that lsh.grant_search granted. A right to read the whole table stays.
lsh.sample_recall(rows_of anyelement, query vector DEFAULT NULL::vector, item text DEFAULT NULL::text, k integer DEFAULT 10, candidates integer DEFAULT NULL::integer, probes integer DEFAULT NULL::integer, exclude text[] DEFAULT '{}'::text[], filter jsonb DEFAULT NULL::jsonb, allowed text[] DEFAULT NULL::text[], stage text DEFAULT NULL::text, ranking text DEFAULT NULL::text, index text DEFAULT NULL::text, key_column text DEFAULT NULL::text)
  returns double precision
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Measures the recall of one search of lsh.nearest on the rows that the caller sees, and stores it for lsh.sampled_recall unless the transaction is read-only.
lsh.search(index text, query vector, k integer DEFAULT 10, candidates integer DEFAULT NULL::integer, probes integer DEFAULT NULL::integer, exclude text[] DEFAULT '{}'::text[], filter jsonb DEFAULT NULL::jsonb, allowed text[] DEFAULT NULL::text[], stage text DEFAULT NULL::text, ranking text DEFAULT NULL::text)
  returns TABLE(key text, distance double precision, hamming integer, estimated boolean)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Finds the k nearest rows: candidates by code, then exact distance (candidates => 0: by estimate), ties by key. Returns k rows if at least k rows pass exclude, filter and allowed.
lsh.search_exact(index text, query vector, k integer DEFAULT 10, exclude text[] DEFAULT '{}'::text[], filter jsonb DEFAULT NULL::jsonb, allowed text[] DEFAULT NULL::text[])
  returns TABLE(key text, distance double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Finds the k truly nearest rows by Euclidean distance, ties by key. Reads the whole table. The filters are those of lsh.search.
lsh.switch_index(index text, successor text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Replaces the codes of an index by those of its successor on the same column. The index keeps its name, settings and grants.
lsh.tune(index text, recall double precision DEFAULT 0.95, k integer DEFAULT 10, sample integer DEFAULT 100, seed integer DEFAULT 1)
  returns TABLE(probes integer, candidates integer, reached double precision, visited double precision, chosen boolean)
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Measures recall on a sample for growing probes and candidates, stores the cheapest setting that reaches the wanted recall, and returns the measurements.
lsh.undistribute(index text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Moves the table of an index and all of its code tables back to the coordinator, as they were before lsh.distribute.
lsh.verify_index(index text, repair boolean DEFAULT false)
  returns TABLE(key text, problem text)
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Compares every code with its row and returns wrong codes: missing, orphaned, stale or of a wrong family. With repair, it recomputes them.
lsh.within(index text, query vector, radius double precision, max_rows integer DEFAULT NULL::integer, exclude text[] DEFAULT '{}'::text[], filter jsonb DEFAULT NULL::jsonb, allowed text[] DEFAULT NULL::text[])
  returns TABLE(key text, distance double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Finds all rows within a radius, the nearest first, ties by key, by bounds on codes or by a scan of the table.
lsh_internal.add_bucket_index(codes regclass)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Adds the index on the buckets of a code table, after its rows are written.
lsh_internal.add_key(codes regclass)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Adds the primary key of a code table.
lsh_internal.add_triggers(index lsh.index)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Creates the triggers of an index, which locks the table against writers until the transaction ends.
lsh_internal.agrees(family_id integer, token uuid, x vector, code bit, bucket integer)
  returns boolean
  language plpgsql stable parallel safe security definer
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan
  -- Whether code and bucket belong to the vector. Ignores bits whose margin is so small that rounding decides their value.
lsh_internal.are_plain_types(vector regtype, key regtype)
  returns boolean
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Whether columns of these types are compared without a cast that the owner of the table may have defined.
lsh_internal.as_real(number double precision)
  returns real
  language sql immutable parallel safe
  -- A number as 4-byte number: numbers beyond the range become the largest, numbers too small for it 0.
lsh_internal.as_vector("column" name, alias text)
  returns text
  language sql immutable parallel safe
  -- Expression of type vector for a column of type vector or halfvec of a table with an alias. The conversion of halfvec loses nothing.
lsh_internal.as_vectors(texts text[])
  returns vector[]
  language sql immutable parallel safe
  -- Casts texts to vectors, whatever schema the type is in; called by clients.
lsh_internal.asked(index lsh.index, query vector, item text)
  returns vector
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Query vector of a search, which is given as a vector or as the key of a row.
lsh_internal.assert_averaged(relation regclass, family lsh.family, security text)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises if a searching role could read a hidden row from a family: the centre of a learned cell of one row is that row.
lsh_internal.assert_bandwidth(kind text, bandwidth double precision)
  returns void
  language plpgsql immutable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises if directions of that bandwidth would leave the range of 4-byte numbers. Passes null, which kinds without a bandwidth have.
lsh_internal.assert_carried(codes regclass)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises if a code table has an object that its replacement would silently lack.
lsh_internal.assert_citus()
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless the caller can distribute tables in this database.
lsh_internal.assert_dims(family lsh.family, x vector)
  returns void
  language plpgsql immutable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Raises unless the vector has the dimension of the family.
lsh_internal.assert_distributable(index lsh.index)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises, with a hint, if Citus would refuse a table of an index.
lsh_internal.assert_family_name(name text)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless a name can be given to a new family.
lsh_internal.assert_family_owner(family lsh.family)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless the caller may complete or drop a family.
lsh_internal.assert_fit(index lsh.index)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless the table of an index is unchanged, so that the index still fits.
lsh_internal.assert_fits(relation regclass, "column" name, family lsh.family)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless the column holds vectors that the family can hash.
lsh_internal.assert_fresh()
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises in transactions that do not see recently committed changes.
lsh_internal.assert_kind(kind text)
  returns void
  language plpgsql immutable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Raises unless this is a kind of hash family.
lsh_internal.assert_ks(ks integer[])
  returns void
  language plpgsql immutable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless there is at least one k, and each is at least 1.
lsh_internal.assert_lengths(kind text, sample vector[])
  returns void
  language plpgsql immutable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises if vectors are too long for a kind of family.
lsh_internal.assert_new_family(name text, kind text, bits integer, seed integer, bandwidth double precision, levels integer, bucket_bits integer, sample integer)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless a family can be drawn with these arguments.
lsh_internal.assert_new_index(maintain text, build text, security text)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless an index can be created with these arguments.
lsh_internal.assert_new_name(registry regclass, name text)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless a name can be given to a new index or space.
lsh_internal.assert_owner(index lsh.index)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless the caller may maintain an index: it must be owner of the table and see all of its rows.
lsh_internal.assert_plan(k integer, candidates integer, probes integer, stage text, ranking text)
  returns void
  language plpgsql immutable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless these are valid settings of a search; null stands for the setting of the index.
lsh_internal.assert_radius(radius double precision)
  returns void
  language plpgsql immutable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless the number can be the radius of a search.
lsh_internal.assert_replaceable(index lsh.index, family lsh.family)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless the codes of an index may be replaced by those of a family.
lsh_internal.assert_source(relation regclass)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless a relation is a table, which has rows of its own.
lsh_internal.assert_table(relation regclass, maintain text)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless the caller may index a table, and its codes can be maintained in that way.
lsh_internal.assert_token(family_id integer, token uuid)
  returns void
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Raises unless the caller proves that it may use a family.
lsh_internal.assert_vector_column(relation regclass, "column" name)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises unless the table has such a column of type vector or halfvec, with a dimension.
lsh_internal.bare_type(index lsh.index)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Type of the keys of an index, without a length.
lsh_internal.base_type(type oid)
  returns oid
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Base type of a domain; any other type itself.
lsh_internal.begin_load(index text)
  returns boolean
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Prepares a code table for many codes in the order of their buckets: drops the indexes of an empty table, until lsh_internal.end_load in the same transaction. Returns whether it has dropped them.
lsh_internal.best_kind(dice jsonb)
  returns text
  language sql immutable parallel safe
  -- Kind with the highest Dice score; sign if there are no scores.
lsh_internal.best_ranking(kind text)
  returns text
  language sql immutable parallel safe
  -- Default ranking of codes of a kind.
lsh_internal.bind_columns(index_id integer)
  returns void
  language plpgsql volatile parallel unsafe security definer
  set search_path=pg_catalog, pg_temp
  -- Updates the registry if columns of an indexed table were renamed, or the table was restored from a dump.
lsh_internal.bounds_hold(index lsh.index, family lsh.family, longest double precision)
  returns boolean
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Whether codes give valid bounds for vectors up to some length, and reading them is faster than reading the table.
lsh_internal.bucket(family_id integer, bucket_kind text, levels integer, centered vector)
  returns integer
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan, enable_memoize=off
  -- Bucket of a centred vector: its cell, or the number whose digits, lowest first, are its levels along the bucket directions.
lsh_internal.bucket_count(relation regclass, dims integer, levels integer, wanted integer)
  returns integer
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Number of bucket directions for a table: the requested number, or one that suits the size of the table.
lsh_internal.bucket_directions(sample vector[], center vector, count integer, seed integer, levels integer)
  returns TABLE(ordinal integer, weight vector, threshold double precision)
  language plpgsql immutable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Orthonormal directions through pairs of sample rows, each with the thresholds that balance its levels; zero vectors beyond the dimensions that the data span.
lsh_internal.bucket_index(index lsh.index)
  returns regclass
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Index on the buckets of a code table.
lsh_internal.build_batch(index_name text, batch integer)
  returns integer
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Encodes the next rows of an index that is being built. Returns the number of rows read: 0 at the end, null if the index is built or was dropped.
lsh_internal.butterfly(rows vector[], shift integer, first integer, size integer, factor double precision)
  returns vector[]
  language plpgsql immutable parallel safe
  set search_path=pg_catalog, pg_temp
  -- One step of a Hadamard transform: replaces pairs of elements of a window, "shift" apart, by their sum and difference times a factor. Other elements stay as they are.
lsh_internal.calibrate(sample vector[], k integer, kind text)
  returns lsh.calibration
  language plpgsql immutable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Distances within a sample and the bandwidth that suits a kind of family; null for a kind without a bandwidth, or if all rows are equal. The curve stays null.
lsh_internal.candidates(index lsh.index, family lsh.family, plan lsh_internal.plan, count text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the candidates of a search: the best codes by a coarse measure, and the best of those by a finer one; estimate follows Gao and Long, SIGMOD 2024.
lsh_internal.candidates_for(settings text, candidates integer, measured integer[], k double precision)
  returns integer
  language sql immutable parallel safe
  -- Number of candidates of a search for k neighbours, by the settings of its index.
lsh_internal.cells(family_id integer, centered vector, groups integer, reach double precision)
  returns TABLE(ordinal integer, distance double precision)
  language sql stable parallel safe
  -- Cells of the groups nearest to a centred vector, with their squared distances: of the four nearest groups, and of others up to "reach" times the squared distance of the nearest.
lsh_internal.centres(index lsh.index, family lsh.family, OUT buckets integer[], OUT weights vector[], OUT sizes real[], OUT longest double precision)
  returns record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Cells of an index that contain rows: centres relative to the center of the family, the distance of the farthest row from each, and the largest distance of a row from the center of the family.
lsh_internal.centres_per_cell(cells vector[], centres vector[])
  returns integer[]
  language plpgsql immutable parallel safe
  set search_path=pg_catalog, pg_temp
  -- For each of some cells, given by their centres, how many other centres lie in it.
lsh_internal.check_index(index lsh.index, family lsh.family, sample integer)
  returns lsh.index_check
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp, extra_float_digits=3, DateStyle=ISO, IntervalStyle=postgres
  -- Measures drift and recall of an index on a sample and stores them in lsh.index_check.
lsh_internal.checked_filter(relation regclass, filter jsonb, "column" name DEFAULT NULL::name, OUT condition text, OUT rows double precision, OUT cost double precision)
  returns record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- A filter as an SQL condition on a table called source, with the number of rows expected to pass and the cost of reading a column of them. Raises an error with a short context.
lsh_internal.checksum(family_id integer, token uuid)
  returns text
  language plpgsql stable parallel safe security definer
  set search_path=pg_catalog, pg_temp
  -- sha256 over all parameters that determine codes and buckets; the client computes the same from the rows that it has read.
lsh_internal.checksum_bytes(projection lsh.projection)
  returns bytea
  language sql immutable parallel safe
  -- Bytes of a projection that the checksum of its family covers.
lsh_internal.code_bounds(family_id integer, token uuid, x vector, radius double precision, buckets integer[])
  returns TABLE(bucket integer, code bit varying, distance double precision, slack double precision, masks bit varying[], squares double precision[])
  language plpgsql stable parallel safe security definer
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan, enable_seqscan=off, enable_bitmapscan=off, jit=off
  -- Values for bounds by codes: in each bucket the code of a vector, its distance to the centre and the error of that, masks of the margins above three levels, and the squares that these add.
lsh_internal.code_directions(kind text, dims integer, bits integer, seed integer, bandwidth double precision, levels integer)
  returns TABLE(ordinal integer, weight vector, phase double precision, threshold double precision)
  language plpgsql immutable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Code directions of a family whose kind is drawn at random.
lsh_internal.codes_of(index lsh.index)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Name of the code table of an index. Raises an error if the table was replaced after the index was looked up.
lsh_internal.columns_but(relation regclass, others name[])
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Columns of a table except some, as a grant lists them.
lsh_internal.compare(index lsh.index, family lsh.family, vector vector, plan lsh_internal.plan, ks integer[])
  returns TABLE(k integer, overlap integer, dice double precision, jaccard double precision, recall double precision, code_loss double precision, bucket_loss double precision, visited integer)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- One query of lsh.compare: all codes by Hamming distance (residual and scalar ones by their estimate), and the search with and without its buckets, against the exact neighbours.
lsh_internal.complaint(index lsh.index)
  returns TABLE(code text, problem text, hint text)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Problem that keeps an index from being used, with SQLSTATE and hint; no row if there is none.
lsh_internal.copy_indexes(old regclass, new regclass)
  returns name[]
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Copies indexes that users have added to a code table, such as an HNSW graph, to another one under temporary names. Returns the final names, which are free after the old table is dropped.
lsh_internal.copy_publications(old regclass, new regclass)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Adds a code table to all publications of another one.
lsh_internal.copy_settings(old regclass, new regclass)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Copies storage, statistics targets, replica identity and comments of a code table to another one.
lsh_internal.cost_of(statement text, OUT rows double precision, OUT cost double precision)
  returns record
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Number of rows that the planner expects of a statement, and the cost in its units.
lsh_internal.create_codes(relation regclass, key name, table_name name, bits integer, tablespace name DEFAULT NULL::name)
  returns regclass
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Creates an empty code table for a table, without its bucket index (add_bucket_index) and its policy (guard_codes).
lsh_internal.create_finder(index lsh.index, family lsh.family)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Creates the functions that keep the statements of an index: for its candidates, for its nearest rows, and for the codes of rows that are written.
lsh_internal.create_keeper(index lsh.index)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Creates the trigger function of an index.
lsh_internal.create_views(views jsonb)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Creates the views that lsh_internal.described_views returned.
lsh_internal.crossing(angle double precision, threshold double precision)
  returns double precision
  language sql immutable parallel safe
  -- Probability that exactly one of two standard normal numbers, whose correlation is the cosine of the angle, exceeds the threshold.
lsh_internal.curve(kind text, figures lsh.calibration)
  returns jsonb
  language sql immutable parallel safe
  -- Expected share of differing bits at multiples of the neighbour radius.
lsh_internal.default_probes(family lsh.family)
  returns integer
  language sql immutable parallel safe
  -- Default number of probes of an index that was not tuned.
lsh_internal.default_shards()
  returns integer
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Default number of shards of a table: two for each worker, so that one more worker can take over some.
lsh_internal.described(family_id integer, rest vector)
  returns TABLE(code bit, planes bit[], step double precision, size double precision)
  language sql stable parallel safe
  -- A hashed query for the rankings of codes: its code, the sizes of its margins in steps from 0 to 7 as three bit planes, the step, and the sum of the sizes.
lsh_internal.described_finely(family_id integer, centered vector)
  returns TABLE(code bit, planes bit[], step double precision, size double precision)
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan, jit=off
  -- A hashed query of a scalar family: the signs of its inner products with the directions, their sizes in steps as bit planes, the step, and the sum of the sizes.
lsh_internal.described_views(relation regclass)
  returns jsonb
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Views on a code table, each after those that it reads, with everything that is needed to create them again.
lsh_internal.dice_by_kind(sample vector[], bits integer, seed integer, radius double precision)
  returns jsonb
  language plpgsql immutable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Dice scores of the kinds that SQL chooses from; an empty object if the sample cannot separate them.
lsh_internal.dice_of_kind(rests vector[], asking integer, kind text, bits integer, seed integer, width double precision)
  returns double precision
  language plpgsql immutable parallel unsafe
  set search_path=pg_catalog, pg_temp, jit=off
  -- Dice score of a kind: the first rows of a centred sample are queries for their ten nearest among the other rows, whose codes are ranked as a search ranks them.
lsh_internal.difference(a vector, b vector)
  returns vector
  language sql immutable parallel safe
  -- a - b; divided by 2^80, in the same direction, if its square might leave the range of 4-byte numbers.
lsh_internal.digit_changes(family_id integer, levels integer, centered vector)
  returns TABLE(direction integer, change integer, cost double precision)
  language sql stable parallel safe
  -- For each other level of each direction, the change of the bucket number and the squared distance to that level.
lsh_internal.distances(sample vector[], k integer)
  returns TABLE(sampled integer, radius double precision, mean_distance double precision)
  language sql immutable parallel safe
  -- Median distance to the k-th neighbour within a sample, and mean distance of pairs.
lsh_internal.distinct(a anyarray)
  returns integer
  language sql immutable strict parallel safe
  set search_path=pg_catalog, pg_temp
  -- Number of different elements of an array.
lsh_internal.distribute_codes(codes regclass, relation regclass)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Distributes a code table like its table, with a covering index for searches.
lsh_internal.drift(index lsh.index, family lsh.family, sample integer)
  returns TABLE(drift double precision, scale double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Distance of the mean of a sample from the center of the family, in mean distances at the time when it was drawn, and the radius of neighbours in widths of the kernel.
lsh_internal.drop_functions(doomed regprocedure[])
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Drops functions, unless they are gone.
lsh_internal.drop_triggers(index lsh.index)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Removes the triggers of an index from its table.
lsh_internal.encoding(index lsh.index, codes regclass, family_id integer, rows text)
  returns text
  language sql stable parallel unsafe
  -- Statement that writes the codes of those rows of an indexed table that fulfil a condition on "lsh_source"; $1 is the token of the family.
lsh_internal.encoding_keys(index lsh.index)
  returns text
  language sql stable parallel unsafe
  -- Statement that writes the codes of the rows with some keys; $1 is the token of the family, $2 the keys.
lsh_internal.end_load(index text, loaded integer)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Recreates the indexes that lsh_internal.begin_load has dropped. Otherwise sorts the codes by bucket if many were added.
lsh_internal.estimated_skew(codes regclass, bucket_count integer)
  returns double precision
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- How unevenly codes fill their buckets, according to the statistics of the code table; 1 is even, null without statistics.
lsh_internal.estimates(kind text)
  returns boolean
  language sql immutable parallel safe
  -- Whether codes of that kind estimate distances. Their code tables hold two more numbers for each row.
lsh_internal.estimating(index lsh.index, family lsh.family, plan lsh_internal.plan, count text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the nearest codes with the distances that they estimate: |x - q|^2 from both norms and the estimated inner product.
lsh_internal.family_bytes(family_id integer, token uuid)
  returns bigint
  language plpgsql stable parallel safe security definer
  set search_path=pg_catalog, pg_temp
  -- Size of the directions and cells of a family.
lsh_internal.family_of(index lsh.index)
  returns lsh.family
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Hash family of an index. Raises an error if the caller may not use it.
lsh_internal.fill(index lsh.index, codes regclass, family lsh.family)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Encodes all rows of a table.
lsh_internal.fill_shards(index lsh.index, codes regclass, family lsh.family, condition text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Writes the codes of those rows of a distributed table that fulfil a condition on "source".
lsh_internal.filled_cells(index lsh.index, family lsh.family, OUT buckets integer[], OUT weights vector[], OUT counts double precision[])
  returns record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Cells of an index that contain rows: their centres relative to the center of the family, and how many codes each has.
lsh_internal.filter(relation regclass, filter jsonb)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- A filter as an SQL condition; null if every row passes.
lsh_internal.filter_literal(type pg_type, "column" text, wanted jsonb)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- A value of a filter as a literal for a column of that type.
lsh_internal.filter_test(relation regclass, "column" text, wanted jsonb)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- One entry of a filter as an SQL condition.
lsh_internal.filter_type(relation regclass, "column" text)
  returns pg_type
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Type of a column of a filter; the base type of a domain. Raises an error if the column does not exist, or its type has no equality of PostgreSQL's own.
lsh_internal.find(index lsh.index, family lsh.family, vector vector, wanted lsh_internal.plan, OUT keys text[], OUT distances double precision[], OUT hammings integer[], OUT plan lsh_internal.plan)
  returns record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, enable_memoize=off, jit=off
  -- Visits more and more buckets until k rows are found, re-ranked by exact distance or ranked by estimate. Scans the table if all buckets contain fewer. Also returns the plan that succeeded.
lsh_internal.finder(index lsh.index, what text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Qualified name of the function that keeps a statement of an index; null if there is none.
lsh_internal.finder_body(index lsh.index, declarations text, statement text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Body of a function that keeps a statement. Before it reads, it makes sure that the names and types in the statement are still those of the tables of the index.
lsh_internal.finder_name(index lsh.index, what text)
  returns text
  language sql stable parallel unsafe
  -- Name of the function that keeps a statement of an index.
lsh_internal.finders(index lsh.index)
  returns regprocedure[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Functions that keep the statements of an index for the current names of its tables: three, unless some are missing.
lsh_internal.finding(index lsh.index, family lsh.family, plan lsh_internal.plan)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the nearest rows among candidates. It calls the function that keeps the statement, if there is one.
lsh_internal.fits(index lsh.index)
  returns SETOF boolean
  language sql stable parallel unsafe
  -- Returns a row if the table of an index has not changed. It is a set-returning function so that the planner can inline it.
lsh_internal.follow_alter()
  returns event_trigger
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Adapts the indexes of an altered table, or refuses changes that they cannot follow.
lsh_internal.follow_drop()
  returns event_trigger
  language plpgsql volatile parallel unsafe security definer
  set search_path=pg_catalog, pg_temp
  -- Removes an index whose table, column or code table is dropped, as PostgreSQL removes its own indexes.
lsh_internal.follow_extension()
  returns event_trigger
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Warns if pgvector is moved to another schema.
lsh_internal.follow_key_type(index lsh.index)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Changes the type of the keys in a code table to that of the key of its table.
lsh_internal.follow_rewrite()
  returns event_trigger
  language plpgsql volatile parallel unsafe security definer
  set search_path=pg_catalog, pg_temp
  -- Marks an index as suspect if its table is rewritten for another column type, until lsh.verify_index has run.
lsh_internal.foreign_code(codes regclass)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Object of a code table that could run code from outside this schema when the table is written; null if there is none.
lsh_internal.forget_dropped(name text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Removes the remains of one index, or of all indexes, whose table was dropped, and releases the name.
lsh_internal.forget_finders()
  returns void
  language plpgsql volatile parallel unsafe security definer
  set search_path=pg_catalog, pg_temp
  -- Drops the kept statements of indexes that no longer exist.
lsh_internal.forget_finders_of(index_id integer)
  returns void
  language plpgsql volatile parallel unsafe security definer
  set search_path=pg_catalog, pg_temp
  -- Drops the kept statements of an index whose table this session has locked to distribute it.
lsh_internal.forget_functions(index lsh.index)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Drops the functions that were created for an index.
lsh_internal.give_grants(relation regclass, grants jsonb)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Grants on a relation the privileges that lsh_internal.grants_on returned for another one.
lsh_internal.grantee(role name)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- A role, or public, as a grant names it. Raises an error if the role does not exist.
lsh_internal.grantee(role oid)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- A role of an access list, as a grant names it.
lsh_internal.grants_on(relation regclass)
  returns jsonb
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Privileges of all roles but the owner on a relation and its columns.
lsh_internal.grown(measured integer[], setting integer, bend double precision, usual double precision, k double precision)
  returns double precision
  language sql immutable parallel safe
  -- A measured setting for k > 10 neighbours: in logarithms a bent curve from its value for ten to that for a hundred, then a line, at least in proportion to k; without that value, by a usual power.
lsh_internal.guard_codes(index lsh.index)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp, quote_all_identifiers=off
  -- Shows each role only the codes of rows that it may see. The codes of an open index are visible to every role that may read it.
lsh_internal.hand_over(index lsh.index)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Makes the owner of a table the owner of the code table and the functions of its index.
lsh_internal.hand_over_codes(index lsh.index, owner name)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Changes the owner of a code table. Refuses code that the previous owner has attached, and revokes all grants except those to read.
lsh_internal.has_role(role name)
  returns boolean
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Whether the caller has the rights of a role, or of the owner of the schema lsh.
lsh_internal.has_twins(index lsh.index, keys text[])
  returns boolean
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Whether a snapshot that is older than the transaction's own writes shows two rows with the same key.
lsh_internal.hash_query(family lsh.family, vector vector, plan lsh_internal.plan)
  returns lsh_internal.query
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Hashes a query vector by a family, with the buckets that the plan of a search needs.
lsh_internal.hashed(family_id integer, token uuid, x vector)
  returns TABLE(bucket integer, code bit, norm real, scale real)
  language plpgsql stable parallel safe security definer
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan
  -- Row of a code table for a vector: bucket, code and, for kinds that estimate distances, the length and scale of the estimate.
lsh_internal.hashed_query(family_id integer, token uuid, x vector, probes integer, finely boolean DEFAULT false)
  returns lsh_internal.query
  language plpgsql stable parallel safe security definer
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan, enable_seqscan=off, enable_bitmapscan=off, jit=off
  -- A query hashed by a family, with the buckets to visit; without probes none. "finely" adds its margins in each cell, for kind residual.
lsh_internal.held_index(index text, mode text DEFAULT 'row exclusive'::text)
  returns lsh.index
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Registry row of an index that the caller may maintain. Locks its codes against replacement until the transaction ends.
lsh_internal.hides(index_id integer)
  returns boolean
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Whether policies of the table of an index may hide rows from the caller; called once per statement.
lsh_internal.hnsw(index lsh.index)
  returns regclass
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- HNSW graph over the codes of an index; null if there is none.
lsh_internal.hold(index lsh.index)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Locks the tables of an index until the transaction ends, so that their owner cannot replace them by views whose functions would run with the rights of the searching role.
lsh_internal.holding(index lsh.index)
  returns text
  language sql stable parallel unsafe
  -- Statement that reads no row, but locks both tables of an index: nobody can rename, replace or alter them from there on. Returns the types of vector and key.
lsh_internal.index_of_rows(rows_of anyelement, index text, key_column text)
  returns lsh.index
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Like lsh_internal.registered_for_rows, but also raises an error if the table has changed so that the index no longer fits.
lsh_internal.is_distributed(index lsh.index)
  returns boolean
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Whether Citus has distributed the tables of an index.
lsh_internal.is_distributed(relation regclass)
  returns boolean
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Whether Citus has distributed a table over its workers.
lsh_internal.is_fit(index lsh.index)
  returns boolean
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Whether the table of an index is unchanged, so that the index still fits.
lsh_internal.is_guarded(index lsh.index)
  returns boolean
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, quote_all_identifiers=off
  -- Whether the codes of an index are guarded as its table requires now: by an up-to-date visibility function, unless the index is open or distributed.
lsh_internal.is_key_type(type oid)
  returns boolean
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Whether keys may have that type: a built-in type with an order, or a domain over one. Comparing and printing such keys runs built-in functions only.
lsh_internal.is_unique_key(index oid)
  returns boolean
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Whether an index ensures that a single column identifies each row at the end of every statement.
lsh_internal.keep(index lsh.index, operation text, touched text[])
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Updates the codes of some rows to match their table.
lsh_internal.keep_finder(index_id integer)
  returns void
  language plpgsql volatile parallel unsafe security definer
  set search_path=pg_catalog, pg_temp
  -- Creates the functions that keep the statements of an index, unless they exist for the current names and key type of its tables.
lsh_internal.keeper(index lsh.index)
  returns regprocedure
  language sql stable parallel unsafe
  -- Trigger function of an index; null if there is none.
lsh_internal.keeping()
  returns text
  language sql immutable parallel safe
  -- Body of the trigger function of an index. It only calls other functions, because upgrades do not replace it.
lsh_internal.kept_index(index_id integer, relation regclass)
  returns lsh.index
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Registry row of the index that a trigger maintains; null while a dump is restored whose registry is still missing.
lsh_internal.kept_statements()
  returns TABLE(index_id integer, what text, made regprocedure)
  language sql stable parallel unsafe
  -- Functions that keep the statements of indexes, also for earlier names of their tables.
lsh_internal.kernel_directions(dims integer, bits integer, seed integer, bandwidth double precision)
  returns TABLE(ordinal integer, weight vector, phase double precision, threshold double precision)
  language sql immutable parallel safe
  -- Random features of Raginsky and Lazebnik (NIPS 2009): w ~ N(0, bandwidth I), b ~ U[-pi, pi], t ~ U[-1, 1]; bit i does not depend on how many are drawn.
lsh_internal.key_column(relation regclass, wanted name DEFAULT NULL::name)
  returns name
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Key column of a table: the requested column, else the primary key, else the only column that is unique and not null. Raises an error if there is none, or no single one.
lsh_internal.key_columns(relation regclass)
  returns name[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Columns that can identify the rows of a table: its primary key first, then others that are unique and not null.
lsh_internal.key_condition(index lsh.index, plan lsh_internal.plan, key text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Condition on the keys that a search may return, as SQL over a column, with the keys as literals.
lsh_internal.key_index(relation regclass, key_number smallint)
  returns oid
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Unique index by which a column identifies the rows of a table; null if there is none.
lsh_internal.key_list(index lsh.index, keys text[])
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Keys as an array literal of their type.
lsh_internal.key_type(relation regclass, key name)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Type of a key as a code table declares it.
lsh_internal.learned(kind text)
  returns boolean
  language sql immutable parallel safe
  -- Whether "pg-lsh family create" learns families of that kind from their data; SQL draws the other kinds at random.
lsh_internal.level_margin(product double precision, phase double precision, below integer)
  returns double precision
  language sql immutable parallel safe
  -- Margin of the bit "below" places under the highest bit of its axis: how far the vector is, along the axis, from the point where the bit changes.
lsh_internal.listed(index lsh.index, plan lsh_internal.plan)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Condition on the keys that a search may return, as SQL over code.key; $2 are the excluded keys, $3 the allowed ones.
lsh_internal.listed_by_estimate(listed text)
  returns text
  language sql immutable parallel safe
  -- Statement for the rows of lsh_internal.estimating as arrays: keys, distances and Hamming distances in their order, and the number of rows.
lsh_internal.lock_codes(index lsh.index)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises if writing a code table could run code of its owner with the rights of another role, and locks the table in that state.
lsh_internal.lock_soon(relation regclass)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Acquires an access exclusive lock without blocking other sessions for more than a moment. Raises an error after a minute of attempts.
lsh_internal.maintain_index(index lsh.index, sample integer)
  returns TABLE(finding text, advice text, command text)
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Most urgent action for an index; no row if there is none.
lsh_internal.margin_edges(bits integer)
  returns vector[]
  language plpgsql immutable parallel safe
  set search_path=pg_catalog, pg_temp
  -- For each level from 1 to 7 of a margin, a vector whose elements are its lower edge, for margins whose squares sum to 1.
lsh_internal.margin_planes(margins vector, edges vector[])
  returns bit varying[]
  language plpgsql immutable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Sizes of margins in steps from 0 to 7, as three bit planes, the lowest first.
lsh_internal.margin_step()
  returns double precision
  language sql immutable parallel safe
  -- Step of the margins of a query in a cell, in standard deviations: fifteen equal levels represent a normal variable best at about this step.
lsh_internal.margins(family_id integer, rest vector)
  returns TABLE(ordinal integer, value double precision)
  language sql stable parallel safe
  -- Margins of the bits of a code for a result of lsh_internal.rest: cos(<w, x> + b) + t for kernel and cosine, a distance along an axis for scalar, else <w, x> + t. A bit is the sign of its margin.
lsh_internal.may_use(family lsh.family)
  returns boolean
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Whether the caller may hash by a family: as its owner, or as a role that may search an index of it.
lsh_internal.may_use_family(family_id integer)
  returns boolean
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Whether the caller may use the family of that number.
lsh_internal.measured(index lsh.index, queries text[], k integer, candidates integer, probes integer)
  returns TABLE(recall double precision, visited double precision)
  language sql stable parallel unsafe
  -- Mean recall@k and mean number of visited codes of stage buckets at one setting.
lsh_internal.measured_settings(index lsh.index, k integer, goal double precision, sample integer, OUT probes integer, OUT candidates integer, OUT recall double precision, OUT visited double precision)
  returns record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, jit=off
  -- The cheapest probes and candidates that find a share of the k nearest of some rows of an index, or else those that find most. Nulls for an empty index.
lsh_internal.member_arrays()
  returns text
  language sql immutable parallel safe
  -- Expression for the cells that a query visits: bucket, squared distance, size, code, step and three planes of margins.
lsh_internal.member_codes(family_id integer, centered vector, buckets integer[])
  returns TABLE(bucket integer, code bit varying, size double precision)
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan, enable_seqscan=off, enable_bitmapscan=off, jit=off
  -- A centred query of a residual family as a member of some cells: its code in each cell and the sum of the sizes of its margins there.
lsh_internal.member_estimate(member text)
  returns text
  language sql immutable parallel safe
  -- Expression for the squared distance that a row of lsh_internal.visited_members estimates by the margins of the query in the cell of the code.
lsh_internal.member_margins(family_id integer, centered vector, buckets integer[], OUT planes bit varying[], OUT steps double precision[])
  returns record
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan, enable_seqscan=off, enable_bitmapscan=off, jit=off
  -- Sizes of the margins of a centred query of a residual family in some cells: three planes, each for all cells, and the step in each cell.
lsh_internal.members(family_id integer, token uuid, x vector, buckets integer[])
  returns TABLE(bucket integer, code bit varying)
  language plpgsql stable parallel safe security definer
  set search_path=pg_catalog, pg_temp
  -- Codes of a query of a residual family in some cells; no rows for other kinds.
lsh_internal.misfits(kind text, scale double precision)
  returns boolean
  language sql immutable parallel safe
  -- Whether the neighbour radius, in widths of the kernel, lies outside the range in which codes of that kind tell distances apart.
lsh_internal.near_cells(family_id integer, centered vector, count integer, OUT buckets integer[], OUT distances double precision[])
  returns record
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan, enable_memoize=off, enable_seqscan=off, enable_bitmapscan=off, jit=off
  -- The nearest cells of a centred vector, nearest first, with their squared distances. Reads half as many groups, but at least four, and far groups only if there are too few cells.
lsh_internal.near_pairs(index lsh.index, other lsh.index, radius double precision, max_pairs integer, OUT a text, OUT b text, OUT distance double precision)
  returns SETOF record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, enable_memoize=off, jit=off
  -- Pairs of rows within a radius, at most max_pairs for each cell. Computes all distances if an index has no cells that store lengths.
lsh_internal.needs_mending(index lsh.index)
  returns boolean
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Whether an index differs from one that would be created now for its table.
lsh_internal.neighbour_pairs(index lsh.index, other lsh.index, k integer, max_pairs integer, OUT a text, OUT b text, OUT distance double precision)
  returns SETOF record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, enable_memoize=off, jit=off
  -- The k nearest rows of every row, cell by cell; by a search per row without cells, with far larger ones than the other index, or if row-level security hides rows. Stops soon after max_pairs pairs.
lsh_internal.neighbours_of_cell(index lsh.index, other lsh.index)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the nearest rows of each row of a cell among the rows of near cells: key, vector, keys found and their distances.
lsh_internal.new_key(relation regclass)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Hint with the statement that adds a key column to a table.
lsh_internal.no_key(relation regclass, "column" name DEFAULT NULL::name)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Raises an error that says why a column, or any column, cannot be the key of a table, with a hint what to type.
lsh_internal.normal_direction(dims integer, seed integer, label text, scale double precision)
  returns vector
  language sql immutable parallel safe
  -- A vector of independent normal numbers with standard deviation "scale".
lsh_internal.normals(seed integer, label text, count integer, scale double precision)
  returns double precision[]
  language plpgsql immutable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Normal numbers with standard deviation "scale": the Box-Muller transform of pairs of numbers of lsh_internal.uniforms.
lsh_internal.number_probes(family_id integer, bucket_kind text, levels integer, centered vector, count integer)
  returns integer[]
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Buckets to visit for a query, best first, where buckets are levels of directions.
lsh_internal.open_index(index text)
  returns boolean
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Lets searches use an index whose build is complete. Returns false if another session has done so before.
lsh_internal.overlap(a anyarray, b anyarray)
  returns integer
  language sql immutable strict parallel safe
  set search_path=pg_catalog, pg_temp
  -- Number of elements that two arrays share.
lsh_internal.own_rows(relation regclass)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- A table as it is written in a "from" clause: without the tables that inherit from it.
lsh_internal.owner_of(relation regclass)
  returns name
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Name of the role that owns a table.
lsh_internal.owns(relation regclass)
  returns boolean
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Whether the caller has the rights of the owner of a table.
lsh_internal.pairs_by_table(index lsh.index, other lsh.index)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the pairs within a radius ($1), by computing all distances; at most $2 pairs.
lsh_internal.pairs_of_cell(index lsh.index, other lsh.index)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the pairs within a radius of a row of one cell and a row of other cells.
lsh_internal.parameters(family_id integer, token uuid)
  returns SETOF lsh.projection
  language plpgsql stable parallel safe security definer
  set search_path=pg_catalog, pg_temp
  -- Directions and cells of a family, for clients that compute codes themselves.
lsh_internal.passing(index lsh.index, plan lsh_internal.plan, listed text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for those candidates of another statement whose rows pass the filter of a search.
lsh_internal.plan_estimates(index lsh.index, family lsh.family, wanted lsh_internal.plan, stage text, probes integer)
  returns lsh_internal.plan
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Plan of a search that reads no vectors. Raises an error if the codes do not estimate distances.
lsh_internal.plan_filter(index lsh.index, family lsh.family, wanted lsh_internal.plan, rows double precision, cost double precision)
  returns lsh_internal.plan
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Chooses between an exact search among the rows that pass and tests of candidates, whichever the planner expects to cost less.
lsh_internal.plan_search(index lsh.index, family lsh.family, k integer, candidates integer, probes integer, exclude text[], filter jsonb, allowed text[], stage text, ranking text)
  returns lsh_internal.plan
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Completes the arguments of a search with the settings of the index, and raises if they are invalid.
lsh_internal.probes(family_id integer, token uuid, x vector, count integer)
  returns integer[]
  language plpgsql stable parallel safe security definer
  set search_path=pg_catalog, pg_temp
  -- Buckets to visit for a query, best first; fewer than requested if the family has no more.
lsh_internal.probes_among(index lsh.index, k integer, passing double precision)
  returns integer
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Number of probes of a search for k of the rows that pass, by the share of rows that pass.
lsh_internal.probes_for(settings text, probes integer, measured integer[], k double precision)
  returns integer
  language sql immutable parallel safe
  -- Number of probes of a search for k neighbours, by the settings of its index.
lsh_internal.probes_that_read(family_id integer, token uuid, x vector, buckets integer[])
  returns double precision[]
  language plpgsql stable parallel safe security definer
  set search_path=pg_catalog, pg_temp
  -- For each of some cells, the number of probes at which a search for a vector reads its group; infinity for groups that are too far.
lsh_internal.probes_that_visit(distances double precision[], readable double precision[], bucket_count double precision)
  returns double precision[]
  language plpgsql immutable parallel safe
  set search_path=pg_catalog, pg_temp
  -- For each of the nearest cells of a query, given by their squared distances and the probes at which they are read, and the number of all cells, the number of probes at which a search visits it.
lsh_internal.problems(index lsh.index, family lsh.family)
  returns TABLE(key text, problem text)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Rows whose code is missing, orphaned, stale or of a wrong family.
lsh_internal.products(family_id integer, centered vector)
  returns vector
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan, enable_seqscan=off, enable_bitmapscan=off, jit=off
  -- Inner products of a centred vector with the code directions.
lsh_internal.qary_directions(dims integer, bits integer, seed integer, bandwidth double precision, levels integer)
  returns TABLE(ordinal integer, weight vector, phase double precision, threshold double precision)
  language sql immutable parallel safe
  -- p-stable quantiser (Datar et al., SoCG 2004): h = floor(<w, x> + b + q/2), clamped to 0 ... q-1, w ~ N(0, bandwidth I), b ~ U[-1/2, 1/2]. Each direction has q-1 bits, of which h are set.
lsh_internal.query_planes(kind text)
  returns integer
  language sql immutable parallel safe
  -- Number of bits to which the margins of a query are rounded. Kind scalar needs more, because the weights of its bits differ by large factors.
lsh_internal.quick_search(index text, vector vector, k integer, candidates integer, probes integer, exclude text[], stage text, ranking text, relation regclass, OUT keys text[], OUT distances double precision[], OUT hammings integer[])
  returns record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan
  -- The usual search, by the kept statement: keys, distances and Hamming distances of k rows. Null if lsh_internal.find has to find them or to report an error.
lsh_internal.ranked(index lsh.index, candidates text, k text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the k nearest of some candidates by exact distance: keys, distances and Hamming distances as arrays, and how many candidates there were.
lsh_internal.ranking(index lsh.index, family lsh.family, wanted text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Ranking of a search: as set by the caller or the index, or else the best that the family supports.
lsh_internal.reach(family_id integer, token uuid, x vector, radius double precision)
  returns TABLE(bucket integer, low double precision, high double precision)
  language plpgsql stable parallel safe security definer
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan, enable_seqscan=off, enable_bitmapscan=off, jit=off
  -- Range of the lengths that rows within a radius of a vector can have in a code table: one row for each cell of a residual family, else one row with a null bucket.
lsh_internal.reached(index lsh.index, family lsh.family, plan lsh_internal.plan)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the keys that may be within a radius, and the number of codes whose length allows it. $1: query, $2: excluded keys, $3: allowed keys, $4: radius, $5: token of the family.
lsh_internal.recall_of(index lsh.index, family lsh.family, vector vector, plan lsh_internal.plan)
  returns double precision
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Share of the truly nearest rows that a search finds; null if no row passes.
lsh_internal.refresh_statistics()
  returns void
  language plpgsql volatile parallel unsafe security definer
  set search_path=pg_catalog, pg_temp
  -- Updates the planner's statistics of lsh.projection after a family was added.
lsh_internal.refuse_update()
  returns trigger
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Trigger function that refuses updates of families and projections.
lsh_internal.refuse_version()
  returns trigger
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Trigger function that refuses families of a version that these functions do not support.
lsh_internal.registered_for_rows(rows_of anyelement, index text, key_column text)
  returns lsh.index
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Registry row of the index of a table that is given by a null of its row type, even if the table has changed. Raises an error if index or key column are not those that the caller expects.
lsh_internal.registered_index(index text)
  returns lsh.index
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Registry row of an index, even if its table has changed. Raises an error if the index does not exist.
lsh_internal.renewal(index lsh.index, family lsh.family)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Command that hashes an index again by a new family, drawn from the current data.
lsh_internal.require_family(family text)
  returns lsh.family
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Family with that name. Raises an error if it does not exist.
lsh_internal.require_index(index text)
  returns lsh.index
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Registry row of an index. Raises an error if the index does not exist, or its table has changed so that the index no longer fits.
lsh_internal.residual_candidates(index lsh.index, family lsh.family, plan lsh_internal.plan, count text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the candidates by |x - c|^2 + |q - c|^2 - 2 <x - c, q - c>. The last term is estimated by the Hamming distance and, to rank by margins, for a shortlist by these.
lsh_internal.rest(family_id integer, kind text, centered vector, bucket integer)
  returns vector
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan
  -- The part of a centred vector that is hashed: the vector itself, or its residual from the centre of its cell if codes describe residuals.
lsh_internal.rotation_rows(dims integer, seed integer, number integer, first_row integer, count integer)
  returns vector[]
  language plpgsql immutable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Some rows of a random rotation: four rounds of random signs and a Hadamard transform (Ailon and Chazelle, STOC 2006) of a window that is a power of two.
lsh_internal.rotation_signs(dims integer, seed integer, number integer, round integer)
  returns TABLE(place integer, value real, first integer, size integer)
  language plpgsql immutable parallel safe
  set search_path=pg_catalog, pg_temp
  -- One round of a rotation: for each element its random sign, in the window divided by the factor by which the transform scales, and the window that is transformed.
lsh_internal.rounding(dims integer)
  returns double precision
  language sql immutable parallel safe
  -- Upper bound, with room to spare, of the relative rounding error of a distance or inner product of vectors in 4-byte numbers.
lsh_internal.sample(relation regclass, "column" name, count integer, seed integer)
  returns vector[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- A seeded random sample of a vector column; empty for an empty table.
lsh_internal.sampling_key(relation regclass)
  returns name
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Column by which samples of a table are drawn and ordered. Raises an error if no column identifies the rows.
lsh_internal.scalar_candidates(index lsh.index, family lsh.family, plan lsh_internal.plan, count text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the candidates among scalar codes: the squared norm of a row minus 2 <y, q>, where y is the vector that its code represents.
lsh_internal.scalar_code(family_id integer, rest vector, cell integer)
  returns TABLE(code bit, length double precision)
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan, enable_seqscan=off, enable_bitmapscan=off, jit=off
  -- Code of the residual of a vector in its cell, and sqrt(|y|^2 + |x - y|^2), where x is the centred vector and y the vector that the code represents.
lsh_internal.scaled(vector vector, factor double precision)
  returns vector
  language sql immutable strict parallel safe
  -- A vector times a number; elements smaller than 1e-37 become 0.
lsh_internal.scan_within(index lsh.index, plan lsh_internal.plan, listed text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for keys and distances of the rows within a radius, among those that a parameter lists, or in the whole table.
lsh_internal.seal(family text)
  returns text
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Completes a family after all of its projections are stored: sets its checksum, after which the family is immutable, and returns it.
lsh_internal.search_exact(index lsh.index, query vector, plan lsh_internal.plan)
  returns TABLE(key text, distance double precision)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- The exact nearest of the rows that a search may return, by a scan of the table.
lsh_internal.set_aside(index_id integer)
  returns void
  language plpgsql volatile parallel unsafe security definer
  set search_path=pg_catalog, pg_temp
  -- Makes searches read the table of an index whose triggers are disabled, until lsh.verify_index has run.
lsh_internal.set_in_turn(relation regclass)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Makes Citus change the shards of a table one after the other.
lsh_internal.set_measured(index_id integer)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Measures the settings of an index on its rows and stores them, unless a user has set others.
lsh_internal.set_modes(index lsh.index)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Enables the triggers of an index in the modes of lsh_internal.trigger_names.
lsh_internal.shard_candidates(index lsh.index, family lsh.family, query lsh_internal.query, plan lsh_internal.plan, count integer)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the best distributed codes by the coarse measure of a search: key, Hamming distance and finer measure. No shard returns more than the limit.
lsh_internal.shard_coded(index lsh.index, family lsh.family, vector vector, plan lsh_internal.plan)
  returns double precision[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Exact distances of the candidates of a search of distributed codes, in the order of the candidates.
lsh_internal.shard_compare(index lsh.index, family lsh.family, vector vector, plan lsh_internal.plan, coded lsh_internal.plan, ks integer[], reached double precision[], scanned double precision[], visited integer)
  returns TABLE(k integer, overlap integer, dice double precision, jaccard double precision, recall double precision, code_loss double precision, bucket_loss double precision, visits integer)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- One query of lsh.compare over tables that Citus has distributed.
lsh_internal.shard_exact(index lsh.index, vector vector, plan lsh_internal.plan, OUT keys text[], OUT distances double precision[])
  returns record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- The exact nearest of the rows of a distributed table that a search may return.
lsh_internal.shard_find(index lsh.index, family lsh.family, vector vector, wanted lsh_internal.plan, OUT keys text[], OUT distances double precision[], OUT hammings integer[], OUT plan lsh_internal.plan)
  returns record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, jit=off
  -- lsh_internal.find for an index whose tables Citus has distributed: candidates of all shards, re-ranked by exact distance on the workers.
lsh_internal.shard_hammings(index lsh.index, family lsh.family, query lsh_internal.query, keys text[])
  returns integer[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Hamming distances of the codes of some rows of a distributed table; null for a row without a code.
lsh_internal.shard_listed(index lsh.index, family lsh.family, query lsh_internal.query, plan lsh_internal.plan, OUT keys text[], OUT hammings integer[])
  returns record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Keys and Hamming distances of the candidates of a search of distributed codes, the best first.
lsh_internal.shard_passing(index lsh.index, plan lsh_internal.plan, keys text[])
  returns text[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Those of some candidates whose rows pass the filter of a search, in their order, at most as many as the search re-ranks.
lsh_internal.shard_problems(index lsh.index, family lsh.family)
  returns TABLE(key text, problem text)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Rows of a distributed table whose code is wrong. Reads the vectors of all shards, one after the other.
lsh_internal.shard_ranked(index lsh.index, vector vector, condition text, k integer, OUT keys text[], OUT distances double precision[])
  returns record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- The k nearest by exact distance of those rows of a distributed table that fulfil a condition on "source". The workers compute the distances.
lsh_internal.shard_rows(statement text)
  returns SETOF record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Rows of a statement. It hides the distributed tables of the statement from a query over its rows, which therefore runs as a local query.
lsh_internal.shard_stats(index lsh.index, family lsh.family)
  returns TABLE(name text, kind text, bits integer, state text, stage text, rows bigint, codes bigint, code_bytes bigint, family_bytes bigint, buckets integer, buckets_used integer, largest_bucket integer, skew double precision, correlation real, probes integer, candidates integer, expected_visited bigint)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- lsh.index_stats for an index whose tables Citus has distributed: sums over all shards. Correlation is null, because shards have no common order.
lsh_internal.shard_within(index lsh.index, vector vector, plan lsh_internal.plan, radius double precision, OUT keys text[], OUT distances double precision[])
  returns record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- All rows of a distributed table within a radius, by a scan of each shard.
lsh_internal.sign_directions(dims integer, bits integer, seed integer)
  returns TABLE(ordinal integer, weight vector, phase double precision, threshold double precision)
  language plpgsql immutable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Random hyperplanes (Charikar, STOC 2002) through the center: the rows of random rotations, so that each block of dims directions is orthonormal. Bit i does not depend on how many are drawn.
lsh_internal.stage(index lsh.index, family lsh.family, wanted text, candidates integer, probes integer)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Candidate stage of a search: as set by the caller or the index, or else by the size of the table. Setting probes selects the buckets.
lsh_internal.stage_by_size(codes regclass, bits integer, dims integer, candidates integer)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Default candidate stage of a search, by the size of the code table.
lsh_internal.still_there(index lsh.index, keys text[])
  returns text[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Those of some keys whose rows still have a vector, because the table may be written while it is tuned.
lsh_internal.switch_codes(index lsh.index, family lsh.family, new regclass)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Replaces the code table of an index by one that is already filled, with everything that was set on the old one.
lsh_internal.table_name(relation regclass)
  returns text
  language plpgsql stable parallel safe
  set search_path=pg_catalog, pg_temp
  -- Name of a table with its schema, whatever the search path is; null for a table that was dropped.
lsh_internal.tables_of(view regclass)
  returns text[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Tables that a view reads, directly or through other views: only those with a vector column, if there are any.
lsh_internal.touched(index lsh.index, operation text, level text)
  returns text
  language sql stable parallel unsafe
  -- Query for the keys whose codes a statement, or a change of one row, may have changed. It is text because only statements of the trigger function itself see the transition tables.
lsh_internal.trigger_names(index_id integer)
  returns TABLE(name name, event text, rows text, mode "char")
  language sql immutable parallel safe
  -- Triggers of an index, the events that each fires for, and the mode in which it is enabled.
lsh_internal.trouble(index lsh.index)
  returns TABLE(problem text, hint text)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- First problem of an index, with a hint; no row if there is none.
lsh_internal.true_distances(index lsh.index, vector vector, keys text[])
  returns double precision[]
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Exact distances of the rows with these keys, in their order.
lsh_internal.unguard_codes(codes regclass)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Drops the policy of a code table, so that its functions can be recreated. Until then only the owner sees codes.
lsh_internal.uniforms(seed integer, label text, count integer)
  returns TABLE(ordinal integer, value double precision)
  language sql immutable parallel safe
  -- Uniform numbers in (0, 1): word i of SHA-256("seed:label:block"), 32 bits each.
lsh_internal.vector_expression(index lsh.index, alias text)
  returns text
  language sql immutable parallel safe
  -- Expression of type vector for the vector column of an index, in its table or a transition table with an alias.
lsh_internal.vector_of(index lsh.index, key text)
  returns vector
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Vector of an indexed row. Raises an error if there is none.
lsh_internal.views_on(relation regclass)
  returns TABLE(view regclass, depth integer)
  language sql stable parallel unsafe
  -- Views that read a relation, directly or through other views, with their depth.
lsh_internal.visibility_body(index lsh.index)
  returns text
  language sql stable parallel unsafe
  -- Body of the function that checks, in the table of an index, whether the caller may see a row.
lsh_internal.visibility_function(index lsh.index)
  returns regprocedure
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Function that checks, in the table of an index, whether the caller may see a row; null if there is none.
lsh_internal.visited(index lsh.index, plan lsh_internal.plan, query lsh_internal.query)
  returns integer
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Number of codes that a search visits; null for an HNSW graph, where it is unknown.
lsh_internal.visited_members(index lsh.index, plan lsh_internal.plan, by_margins boolean)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the codes of the cells that a query visits, with the values of the query in the cell of each code.
lsh_internal.warn(relation text, kind text, figures lsh.calibration)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Warns if the data of a table have no structure for hashing, or a bandwidth is out of range.
lsh_internal.warn_of_schemas(relation regclass, role name)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Warns of schemas that a role must be able to use for a search.
lsh_internal.warn_of_table(relation regclass, maintain text)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Warns the owner of a table before it is indexed.
lsh_internal.warn_of_triggers(index lsh.index)
  returns void
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Warns of triggers of an index that are missing, disabled or enabled in the wrong mode.
lsh_internal.weighted(code text, planes integer)
  returns text
  language sql immutable parallel safe
  -- Expression for the sum of the margins of a query over the bits in which a code differs, in steps.
lsh_internal.wide_statement(index lsh.index, family lsh.family, listed integer)
  returns text
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Statement for the nearest rows of a query ($1) that is a row itself ($2): their places among the other candidates, and those of their buckets among the visited buckets.
lsh_internal.widened(probes integer, bucket_count integer)
  returns double precision
  language sql immutable parallel safe
  -- How far a search with so many probes reaches for cells, as a number of probes in a family of many cells: hardly more for few probes, and infinity for as many as there are cells.
lsh_internal.with_hamming(index lsh.index, family lsh.family, query lsh_internal.query, plan lsh_internal.plan)
  returns TABLE(key text, distance double precision, hamming integer)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- The exact nearest rows with the Hamming distances of their codes; null for a row without a code.
lsh_internal.within(index lsh.index, query vector, radius double precision, max_rows integer, exclude text[], filter jsonb, allowed text[], OUT keys text[], OUT distances double precision[], OUT bounded boolean, OUT in_reach bigint, OUT verified bigint)
  returns record
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp, enable_memoize=off, jit=off
  -- All rows within a radius, and how they were found: whether by bounds or by a scan of the table, the number of codes whose length is in reach, and the number of rows that the bounds do not exclude.
lsh_internal.within_cells(kind text)
  returns boolean
  language sql immutable parallel safe
  -- Whether codes of that kind describe residuals within cells. They are comparable only by the distances that they estimate, not by the bits in which they differ.
lsh_internal.wrong_triggers(index lsh.index)
  returns TABLE(name name, problem text)
  language plpgsql stable parallel unsafe
  set search_path=pg_catalog, pg_temp
  -- Triggers of an index that are missing, disabled or enabled in the wrong mode, for example after "alter table ... enable trigger all".
