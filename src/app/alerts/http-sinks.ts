/**
 * Alerts over HTTP: a webhook that takes JSON, and a chat bot as Telegram has them. Each may reach the one host that the
 * settings name and no other, over TLS unless that is this machine; a redirect is a refusal (SEC16). What is said of a
 * failure names neither the path nor the token, for both may be secret.
 */
import { type FailureClass, failed, ok, type Result } from '../../network/result.ts';
import type { HttpHeard, Transport } from '../../network/transport.ts';
import type { AlertMessage } from './alert-message.ts';
import type { AlertSink } from './alert-post.ts';

const TIMEOUT_MS = 8_000;

export interface WebhookOptions {
	readonly name: string;
	readonly url: URL;
	/** Sent as a bearer token. */
	readonly token: string | undefined;
	readonly instance: string;
}

export function webhookSink(transport: Transport, { name, url, token, instance }: WebhookOptions): AlertSink {
	const headers = token === undefined ? [] : ['authorization', `Bearer ${token}`];
	return {
		name,
		send: (message, signal) => post(transport, { url, headers, body: webhookBody(instance, message) }, signal),
	};
}

/** What happened at one moment is on no more, and nothing follows that says so. */
const STATES = { begun: 'on', again: 'on', ended: 'over', passed: 'passed' } as const;

/** `text` is what chats show; the rest is for programs. */
function webhookBody(instance: string, { text, alerts, moreCount }: AlertMessage): unknown {
	return {
		text,
		instance,
		more: moreCount,
		alerts: alerts.map(({ kind, alert }) => ({
			...{ id: alert.id, state: STATES[kind], code: alert.code, severity: alert.severity },
			...{ sentence: alert.sentence, symbol: alert.symbol ?? null, venue: alert.venue ?? null },
			...{ sinceMs: alert.sinceMs, endedMs: alert.endedMs ?? null, count: alert.count },
		})),
	};
}

export interface ChatOptions {
	readonly name: string;
	/** Of the bots' interface; its path ends where the token comes. */
	readonly url: URL;
	readonly token: string;
	readonly chat: string;
}

export function chatSink(transport: Transport, { name, url, token, chat }: ChatOptions): AlertSink {
	const base = url.href.replace(/\/$/, '');
	const target = new URL(`${base}/bot${token}/sendMessage`);
	return {
		name,
		send: ({ text }, signal) => {
			const body = { chat_id: chat, text, link_preview_options: { is_disabled: true } };
			return post(transport, { url: target, headers: [], body }, signal);
		},
	};
}

interface Post {
	readonly url: URL;
	readonly headers: readonly string[];
	readonly body: unknown;
}

async function post(transport: Transport, { url, headers, body }: Post, signal: AbortSignal): Promise<Result<void>> {
	const { promise, resolve } = Promise.withResolvers<HttpHeard>();
	const call = transport.request(
		{
			origin: url.origin,
			method: 'POST',
			target: `${url.pathname}${url.search}`,
			headers: ['content-type', 'application/json', ...headers],
			body: JSON.stringify(body),
			pool: 'alerts',
			timeoutMs: TIMEOUT_MS,
		},
		resolve,
	);
	const abort = (): void => call.abort();
	signal.addEventListener('abort', abort, { once: true });
	const heard = await promise;
	signal.removeEventListener('abort', abort);
	return judged(heard, url.host);
}

function judged(heard: HttpHeard, host: string): Result<void> {
	if (heard.kind === 'lost') {
		return failed({ reason: 'error', class: 'transient', detail: `no answer from ${host} (${heard.reason})` });
	}
	const { status } = heard;
	if (status >= 200 && status < 300) return ok(undefined);
	const isRedirect = status >= 300 && status < 400;
	const detail = isRedirect ? `${host} redirects (status ${status}), which is not followed` : `${host} answers status ${status}`;
	const afterMs = Number(heard.header('retry-after')) * 1_000;
	const retryAfterMs = afterMs > 0 ? afterMs : undefined;
	return failed({ reason: 'error', class: classOf(status), detail, retryAfterMs });
}

function classOf(status: number): FailureClass {
	if (status === 429) return 'rate-limited';
	return status >= 500 || status === 408 ? 'transient' : 'fatal';
}
