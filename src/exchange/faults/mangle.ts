/** Bodies as gateways, proxies and broken connections make them of a sound reply. */
import type { HttpReply } from '../facade.ts';

const TITLES: Readonly<Record<number, string>> = {
	500: 'Internal Server Error',
	502: 'Bad Gateway',
	503: 'Service Temporarily Unavailable',
	504: 'Gateway Time-out',
};
const HTML = 'text/html; charset=utf-8';

export function gatewayPage(status: number): HttpReply {
	const title = `${status} ${TITLES[status] ?? 'Error'}`;
	const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`;
	return { status, headers: { 'content-type': HTML }, body };
}

export interface Mangling {
	readonly form: 'html' | 'html-200' | 'empty' | 'cut' | 'wrong-type' | 'huge';
	/** Of the huge body. */
	readonly bytes: number;
	/** Draws below a bound. */
	readonly pick: (bound: number) => number;
}

export function mangle(reply: HttpReply, { form, bytes, pick }: Mangling): HttpReply {
	switch (form) {
		case 'html':
			return gatewayPage(502);
		case 'html-200':
			return { ...gatewayPage(502), status: 200 };
		case 'empty':
			return { ...reply, body: '' };
		case 'cut':
			return { ...reply, body: reply.body.slice(0, pick(Math.max(1, reply.body.length))) };
		case 'wrong-type':
			return { ...reply, headers: { ...withoutType(reply.headers), 'content-type': 'application/octet-stream' } };
		case 'huge':
			return { ...reply, body: reply.body.padEnd(bytes, ' ') };
	}
}

function withoutType(headers: HttpReply['headers']): HttpReply['headers'] {
	return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-type'));
}
