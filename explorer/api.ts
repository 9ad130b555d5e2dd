import type { z } from '@hono/zod-openapi'
import type { MapAnswer } from '../src/serve/read-map.js'
import type { SpaceAnswer } from '../src/serve/read-spaces.js'
import type {
  comparisonSchema,
  datasetSchema,
  foundSchema,
  ItemAnswer,
  outlineSchema,
  problemSchema,
  SearchAnswer,
  uploadSchema,
} from '../src/serve/schemas/answers.js'
import type {
  bandSchema,
  curveSchema,
  evaluationSchema,
  evaluationDetailSchema,
  matchedSchema,
  planDetailSchema,
  planSchema,
  similarPlansSchema,
} from '../src/serve/schemas/plan-answers.js'

export type { ItemAnswer, MapAnswer, SearchAnswer, SpaceAnswer }
export type Found = z.infer<typeof foundSchema>
export type Dataset = z.infer<typeof datasetSchema>
export type Outline = z.infer<typeof outlineSchema>
export type Problem = z.infer<typeof problemSchema>
export type Plan = z.infer<typeof planSchema>
export type PlanDetail = z.infer<typeof planDetailSchema>
export type Curve = z.infer<typeof curveSchema>
export type Band = z.infer<typeof bandSchema>
export type SimilarPlans = z.infer<typeof similarPlansSchema>
export type Matched = z.infer<typeof matchedSchema>
export type Evaluation = z.infer<typeof evaluationSchema>
export type EvaluationDetail = z.infer<typeof evaluationDetailSchema>
export type Comparison = z.infer<typeof comparisonSchema>
export type Upload = z.infer<typeof uploadSchema>

export const API = '/api/v1'

/** An error reported by the server; requests reject with nothing else, except when they are aborted. */
export type Refusal = Error & { readonly problem: Problem }

/** Asks the server for JSON. */
export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, { signal: signal ?? null })
  return (await response.json()) as T
}

/** Asks the server for bytes, with the headers that describe them. */
export async function askBytes(
  path: string,
): Promise<{ bytes: ArrayBuffer; header: (name: string) => number }> {
  const response = await send(path, {})
  const header = (name: string) => Number(response.headers.get(name))
  return { bytes: await response.arrayBuffer(), header }
}

/** Uploads a query file. */
export async function sendFile(file: Blob): Promise<Upload> {
  const headers = { 'content-type': 'application/octet-stream' }
  const response = await send('/uploads', { method: 'POST', body: file, headers })
  return (await response.json()) as Upload
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(API + path, init).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw refusal({
      type: 'about:blank',
      title: 'No answer',
      status: 0,
      detail: 'the server does not answer',
      code: 'network',
      hint: 'See whether "pg-lsh serve" still runs, and load the page again.',
    })
  })
  if (response.ok) return response
  throw refusal((await response.json()) as Problem)
}

function refusal(problem: Problem): Refusal {
  return Object.assign(new Error(problem.detail), { problem })
}

/** The problem in an error. */
export function problemIn(error: unknown): Problem {
  if (error instanceof Error && 'problem' in error) return (error as Refusal).problem
  const detail = error instanceof Error ? error.message : String(error)
  return {
    type: 'about:blank',
    title: 'Error in the page',
    status: 0,
    detail,
    code: 'page',
    hint: 'Load the page again.',
  }
}
