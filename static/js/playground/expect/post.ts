// Questions whose refusal somebody must hear of.

export type Answer<T> = {ok: true; value: T} | {ok: false; why: string};

export async function post<T>(url: string, body: object, signal?: AbortSignal): Promise<Answer<T>> {
  try {
    const response = await fetch(url, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body), signal});
    const value = await response.json();
    return response.ok ? {ok: true, value: value as T} : {ok: false, why: String(value.detail ?? `the server answered ${response.status}`)};
  } catch {
    return {ok: false, why: 'the server cannot be reached; try again'};
  }
}
