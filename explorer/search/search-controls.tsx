import { setParameters } from '../address.js'
import type { Dataset, SpaceAnswer } from '../api.js'
import { Choice, Fold, NumberField, Switch } from '../parts/fields.js'
import { FILTERS } from './search-path.js'

const RANKINGS = {
  hamming: 'differing bits',
  asymmetric: 'margins of those bits',
  estimate: 'estimated distance',
}

interface SearchControlsProps {
  spaces: readonly SpaceAnswer[]
  space: SpaceAnswer
  datasets: readonly Dataset[]
  parameters: URLSearchParams
}

/** Controls for the space and the parameters of a search. */
export function SearchControls({ spaces, space, datasets, parameters }: SearchControlsProps) {
  const index =
    space.indexes.find(({ name }) => name === parameters.get('index')) ?? space.indexes[0]
  const number = (name: string) => (parameters.has(name) ? Number(parameters.get(name)) : null)
  const chooseSpace = (name: string) => {
    const holds = spaces.find((one) => one.name === name)?.holds
    // An item of one kind cannot be a query in a space of another kind.
    const other = holds === space.holds ? {} : { item: null, upload: null }
    setParameters({ space: name, index: null, ranking: null, pick: null, ...other })
  }
  const stage = parameters.get('stage') ?? ''
  const pictures = space.holds === 'image' || space.holds === 'neuron'
  return (
    <>
      <Fold title="Search">
        <Choice
          label="Space"
          value={space.name}
          options={spaces.map(({ name, items }) => [
            name,
            `${name} (${items.toLocaleString('en')})`,
          ])}
          onChange={chooseSpace}
        />
        {space.indexes.length > 1 && (
          <Choice
            label="Index"
            value={index?.name ?? ''}
            options={space.indexes.map(({ name, kind, bits }) => [
              name,
              `${name}: ${kind}, ${bits}`,
            ])}
            onChange={(name) => setParameters({ index: name, ranking: null })}
          />
        )}
        <p class="soft">
          {index &&
            `${index.kind}, ${index.bits} bits, ${index.buckets} buckets, ${space.dims} dimensions`}
        </p>
        <NumberField
          label="Neighbours"
          value={number('k')}
          usual={12}
          min={1}
          max={60}
          onChange={(k) => setParameters({ k })}
        />
        <Choice
          label="Stage"
          hint="Source of the candidates"
          value={stage}
          options={[
            ['', 'usual'],
            ['buckets', 'buckets'],
            ['scan', 'scan of all codes'],
            ['hnsw', 'graph over codes'],
            ['exact', 'exact, no codes'],
          ]}
          onChange={(value) => setParameters({ stage: value })}
        />
        <NumberField
          label="Probes"
          hint="Buckets to visit at first"
          value={number('probes')}
          usual={index?.probes ?? 1}
          min={1}
          max={Math.max(2, index?.buckets ?? 64)}
          onChange={(probes) => setParameters({ probes })}
        />
        <NumberField
          label="Re-ranked"
          hint="Candidates to re-rank by exact distance"
          value={number('candidates')}
          usual={index?.candidates ?? 100}
          min={1}
          max={1000}
          onChange={(candidates) => setParameters({ candidates })}
        />
        <Choice
          label="Ranking"
          hint="Ranking of codes before that"
          value={parameters.get('ranking') ?? ''}
          options={[
            ['', 'usual'],
            ...(index?.rankings ?? []).map((ranking) => [ranking, RANKINGS[ranking]] as const),
          ]}
          onChange={(ranking) => setParameters({ ranking })}
        />
        <div class="switches">
          <Switch
            label={pictures ? 'One of each source' : 'One of each patient'}
            on={parameters.get('onePerPatient') === 'true'}
            onChange={(on) => setParameters({ onePerPatient: on ? 'true' : null })}
          />
          <Switch
            label={pictures ? 'Include the same source' : 'Include the same patient'}
            on={parameters.get('samePatient') === 'true'}
            onChange={(on) => setParameters({ samePatient: on ? 'true' : null })}
          />
        </div>
      </Fold>
      <FilterControls datasets={datasets} parameters={parameters} pictures={pictures} />
    </>
  )
}

/** Controls for the filter on plans or pictures. */
export function FilterControls({
  datasets,
  parameters,
  pictures,
}: Pick<SearchControlsProps, 'datasets' | 'parameters'> & { pictures: boolean }) {
  const dataset = parameters.get('dataset') ?? ''
  const within = datasets.filter((one) => dataset === '' || one.dataset === dataset)
  const names = (list: (one: Dataset) => readonly string[]) =>
    [...new Set(within.flatMap(list))].map((name) => [name, name] as const)
  const any = ['', 'any'] as const
  const number = (name: string) => (parameters.has(name) ? Number(parameters.get(name)) : null)
  const chosen = FILTERS.filter((name) => parameters.has(name))
  const bounds = [
    ['minPrescription', 'Prescription from, Gy', 150],
    ['maxPrescription', 'Prescription to, Gy', 150],
    ['minVolume', 'Target from, cc', 5000],
    ['maxVolume', 'Target to, cc', 5000],
  ] as const
  return (
    <Fold
      title={chosen.length > 0 ? `Filter (${chosen.length})` : 'Filter'}
      open={chosen.length > 0}
    >
      <Choice
        label="Data set"
        value={dataset}
        options={[any, ...datasets.map((one) => [one.dataset, one.dataset] as const)]}
        onChange={(value) => setParameters({ dataset: value })}
      />
      {pictures ? (
        <Choice
          label="Label"
          value={parameters.get('label') ?? ''}
          options={[any, ...names(({ labels }) => labels)]}
          onChange={(label) => setParameters({ label })}
        />
      ) : (
        <>
          <Choice
            label="Site"
            value={parameters.get('site') ?? ''}
            options={[any, ...names(({ sites }) => sites)]}
            onChange={(site) => setParameters({ site })}
          />
          <Choice
            label="Structure"
            value={parameters.get('structure') ?? ''}
            options={[any, ...names(({ structures }) => structures)]}
            onChange={(structure) => setParameters({ structure })}
          />
          {bounds.map(([name, label, max]) => (
            <NumberField
              key={name}
              label={label}
              value={number(name)}
              usual={null}
              min={0}
              max={max}
              slider={false}
              onChange={(value) => setParameters({ [name]: value })}
            />
          ))}
        </>
      )}
      {chosen.length > 0 && (
        <button
          type="button"
          onClick={() => setParameters(Object.fromEntries(chosen.map((name) => [name, null])))}
        >
          No filter
        </button>
      )}
    </Fold>
  )
}
