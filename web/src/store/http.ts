/** One request to the server that this page came from. Never throws: status 0 is "nobody answered". */

export interface Reply {
	readonly status: number;
	readonly body: unknown;
}

const TIMEOUT_MS = 10_000;

export async function request(
	method: 'GET' | 'POST',
	path: string,
	{ body, csrf }: { readonly body?: object; readonly csrf?: string } = {},
): Promise<Reply> {
	const headers: Record<string, string> = {};
	if (body !== undefined) headers['content-type'] = 'application/json';
	if (csrf !== undefined) headers['x-evenkeel-csrf'] = csrf;
	try {
		const answer = await fetch(path, {
			method,
			headers,
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
			credentials: 'same-origin',
			signal: AbortSignal.timeout(TIMEOUT_MS),
		});
		const text = await answer.text();
		return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
	} catch {
		return { status: 0, body: undefined }; // no connection, no answer in time, or none that is JSON
	}
}

export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
