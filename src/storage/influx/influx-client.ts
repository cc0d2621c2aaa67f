/**
 * One batch of lines over to InfluxDB, and what it says to that. The client of InfluxDB's makers zips and sends; what it
 * would keep, repeat and log by itself is switched off, since that is done where it is bounded (`line-delivery.ts`).
 */
import { HttpError, InfluxDB, setLogger, type WriteApi } from '@influxdata/influxdb-client';
import { failed, ok, type Result } from '../../network/result.ts';
import { authorizationOf, type InfluxTarget, writePathOf } from './influx-target.ts';
import type { SendLines, Verdict } from './line-delivery.ts';

/** A server that says nothing for so long is away. */
const TIMEOUT_MS = 5_000;
/** A wrong name or key is not mended within seconds, and whoever knocks too often is locked out. */
const DENIED_RETRY_MS = 30_000;
/** A shorter one would be found in every text. */
const SECRET_LENGTH_MIN = 8;

/** Errors come back as values; in its log they would be told a second time. */
const SILENT = { error: () => {}, warn: () => {} };

export function influxSender(target: InfluxTarget): SendLines {
	setLogger(SILENT);
	const authorization = authorizationOf(target);
	const client = new InfluxDB({
		url: target.url,
		timeout: TIMEOUT_MS,
		...(authorization === undefined ? {} : { headers: { authorization } }),
	});
	return (lines) => sent(client, target, lines);
}

async function sent(client: InfluxDB, target: InfluxTarget, lines: readonly string[]): Promise<Result<Verdict>> {
	const heard: { error?: Error } = {};
	const writer = writerOf(client, target, lines.length, (error) => {
		heard.error = error;
	});
	writer.writeRecords([...lines]);
	await writer.flush();
	return heard.error === undefined ? ok({ kind: 'written' }) : judged(heard.error, target);
}

/** One for each batch: it has nothing to remember. */
function writerOf(client: InfluxDB, target: InfluxTarget, lineCount: number, onError: (error: Error) => void): WriteApi {
	const writer = client.getWriteApi(target.org, target.database, 'ns', {
		batchSize: lineCount + 1,
		maxBatchBytes: Number.MAX_SAFE_INTEGER,
		flushInterval: 0,
		maxRetries: 0,
		gzipThreshold: 1_000,
		writeFailed: (error) => {
			onError(error);
			return Promise.resolve();
		},
	});
	writer.path = writePathOf(target);
	return writer;
}

/** The error itself is not handed on as a cause: it holds all that was answered, our key included where we were shown it. */
function judged(error: Error, target: InfluxTarget): Result<Verdict> {
	if (!(error instanceof HttpError)) {
		return failed({ reason: 'error', class: 'transient', detail: wordsOf(error) });
	}
	const { statusCode, body = '' } = error;
	// The client knows of 204 alone, and there are servers that speak its protocol and say 200.
	if (statusCode < 300) return ok({ kind: 'written' });
	const detail = `${statusCode} ${withoutToken(saidIn(body), target)}`.trim();
	// Retry-After is in seconds, and the client takes it for milliseconds.
	const namedMs = error.retryAfter() * 1_000;
	const retryAfterMs = namedMs > 0 ? namedMs : undefined;
	switch (statusCode) {
		case 400:
		case 422:
			return ok(partOf(body, detail) ?? { kind: 'refused', detail });
		// Too much at once: in two halves it may be taken.
		case 413:
			return ok({ kind: 'refused', detail });
		case 401:
		case 403:
			return denied(`${detail}; look at influxdb.token_env, and whether that token may write to '${target.database}'`);
		case 404:
			return denied(`${detail}; ${missing(target)}`);
		default:
			return failed({ reason: 'error', class: 'transient', detail, retryAfterMs });
	}
}

function denied(detail: string): Result<Verdict> {
	return failed({ reason: 'error', class: 'auth', detail, retryAfterMs: DENIED_RETRY_MS });
}

function missing({ api, database, org }: InfluxTarget): string {
	const otherwise = `or say another influxdb.api than ${api} where the server speaks another`;
	if (api === 'v2') return `make the bucket '${database}' in the organisation '${org}', ${otherwise}`;
	return `make the database '${database}', ${otherwise}`;
}

/** The good lines are in, and those that are not were counted: v1 and v2 say how many, v3 names each. */
function partOf(body: string, detail: string): Verdict | undefined {
	if (!/partial write/i.test(body)) return undefined;
	const dropped = /dropped=(\d+)/.exec(body)?.[1];
	if (dropped !== undefined) return { kind: 'partly', refusedCount: Number(dropped), detail };
	const lines = fieldOf(body, 'data');
	return { kind: 'partly', refusedCount: Array.isArray(lines) ? lines.length : 1, detail };
}

function saidIn(body: string): string {
	const said = fieldOf(body, 'error') ?? fieldOf(body, 'message');
	return typeof said === 'string' ? said : body.trim();
}

/** A gateway that answers in its place may show us our own request, headers and all (I19). */
function withoutToken(said: string, target: InfluxTarget): string {
	const sent = [target.token, authorizationOf(target)?.split(' ').at(-1)];
	return sent
		.filter((secret) => secret !== undefined && secret.length >= SECRET_LENGTH_MIN)
		.flatMap((secret = '') => [secret, JSON.stringify(secret).slice(1, -1)])
		.reduce((text, secret) => withoutStartOf(secret, text.replaceAll(secret, '[secret]')), said);
}

/** The client keeps the first thousand characters of an answer, and where that cuts a secret most of it may be left. */
function withoutStartOf(secret: string, text: string): string {
	for (let length = secret.length - 1; length >= SECRET_LENGTH_MIN; length -= 1) {
		if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}[secret]`;
	}
	return text;
}

function fieldOf(body: string, name: string): unknown {
	try {
		const parsed: unknown = JSON.parse(body);
		return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>)[name] : undefined;
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}

/** A refused connection to a name with several addresses is an error of errors, with no words of its own. */
function wordsOf(error: Error): string {
	if (error instanceof AggregateError) return error.errors.map((each) => (each instanceof Error ? each.message : '')).join(', ');
	return error.message;
}
