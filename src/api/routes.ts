/** What is answered: every query and action of the contract, the log-in, the live feed, the document and the dashboard. */
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { ACTIONS, type ActionName, type Actor, QUERIES, type QueryName, type Role } from '../app/console/contract.ts';
import { type Identity, may } from './access.ts';
import { ApiError, type ToldError } from './api-error.ts';
import type { AuditRow } from './audit.ts';
import { openApiDocument } from './document.ts';
import type { Acted } from './link.ts';
import { actionParamsOf, type Params, paramsOf } from './params.ts';
import { PLAIN_PAGE } from './plain-page.ts';
import type { ServerParts } from './server-parts.ts';

export const FEED_PATH = '/v1/live';
const JSON_TYPE = 'application/json; charset=utf-8';

export async function addRoutes(app: FastifyInstance, parts: ServerParts): Promise<void> {
	addLogin(app, parts);
	for (const name of Object.keys(QUERIES) as QueryName[]) addQuery(app, name, parts);
	for (const name of Object.keys(ACTIONS) as ActionName[]) addAction(app, name, parts);
	const document = JSON.stringify(openApiDocument(parts.version));
	app.get('/v1/openapi.json', async (_request, reply) => reply.type(JSON_TYPE).send(document));
	addLive(app, parts);
	app.all('/v1/*', { config: { isOpen: false } }, async () => {
		throw new ApiError('API_NOT_FOUND');
	});
	await addPages(app, parts);
}

const credentials = z.union([
	z.strictObject({ code: z.string().min(1).max(100) }),
	z.strictObject({ token: z.string().min(1).max(100) }),
]);

function addLogin(app: FastifyInstance, parts: ServerParts): void {
	const { access, cookieName, tls, isBehindProxy, tally, audit } = parts;
	// A page that is served over TLS gets its cookie back over TLS alone.
	const marks = `Path=/; HttpOnly; SameSite=Strict${tls === undefined && !isBehindProxy ? '' : '; Secure'}`;
	app.post('/v1/login', { config: { isOpen: true } }, async (request, reply) => {
		// Only browsers log in; a program has its token.
		if (request.headers.origin === undefined) throw new ApiError('API_ORIGIN');
		const said = credentials.safeParse(request.body);
		if (!said.success) throw new ApiError('API_PARAMS', 'a log-in takes {"code"} or {"token"}');
		const { name, role, csrf, cookie } = access.login({ address: request.ip, ...said.data });
		// Each has a new name: they are alike by their role.
		const row = rowOf({ name, role, from: request.ip }, parts, { what: 'login', result: 'done: a browser is logged in' });
		await tally.write(row, `login ${role}`);
		reply.header('set-cookie', `${cookieName()}=${cookie}; ${marks}`);
		return { role, csrf };
	});
	// Open, since a page asks it first of all to learn whether it has to log in.
	app.get('/v1/session', { config: { isOpen: true } }, async ({ headers: { authorization, cookie }, ip }) => {
		if (authorization === undefined && access.recall(cookie) === undefined) return {};
		const { role, session } = access.identify({ address: ip, authorization, cookie });
		return { role, csrf: session?.csrf ?? null };
	});
	app.post('/v1/logout', async (request, reply) => {
		const { session } = known(request);
		if (session !== undefined) {
			access.logout(session);
			const actor = { name: session.name, role: session.role, from: request.ip };
			await tally.write(rowOf(actor, parts, { what: 'logout', result: 'done: logged out' }), `logout ${session.role}`);
		}
		reply.header('set-cookie', `${cookieName()}=; ${marks}; Max-Age=0`);
		return {};
	});
	app.post('/v1/login-code', { config: { role: 'admin' } }, async (request) => {
		const { name, role } = known(request);
		const actor = { name, role, from: request.ip };
		const what = 'login-code';
		if (!may(actor, 'admin')) {
			const error = roleError('admin');
			await recordRefusal(what, actor, error.told, parts);
			throw error;
		}
		await audit.write(rowOf(actor, parts, { what, result: 'done: a link was made' }));
		return { code: access.makeCode() };
	});
}

function addQuery(app: FastifyInstance, name: QueryName, { door }: ServerParts): void {
	app.get(`/v1/${name}`, async (request, reply) => {
		const said = paramsOf(name, request.query as Record<string, unknown>);
		if (said.kind === 'failed') throw new ApiError(said.error.code, said.error.sentence);
		const [answer] = await door.read([{ name, params: said.params }]);
		if (answer === undefined) throw new ApiError('API_ENGINE');
		if (answer.kind === 'failed') throw new ApiError(answer.error.code, answer.error.sentence);
		return reply.type(JSON_TYPE).send(answer.text);
	});
}

function addAction(app: FastifyInstance, name: ActionName, parts: ServerParts): void {
	const { role } = ACTIONS[name];
	const { door } = parts;
	app.post(`/v1/${name}`, { config: { role, isUrgent: name === 'kill' } }, async (request) => {
		const { name: who, role: has } = known(request);
		const asked: Asked = { actor: { name: who, role: has, from: request.ip }, params: actionParamsOf(name, request.body) };
		if (!may(asked.actor, role)) {
			const error = roleError(role);
			await recordRefusal(name, asked.actor, error.told, parts);
			throw error;
		}
		const acted = asked.params.kind === 'failed' ? asked.params : await door.act(name, asked.params.params, asked.actor);
		await record(name, asked, acted, parts);
		if (acted.kind === 'failed') throw new ApiError(acted.error.code, acted.error.sentence);
		return acted.result;
	});
}

interface Asked {
	readonly actor: Actor;
	readonly params: Params;
}

async function record(name: ActionName, { actor, params }: Asked, acted: Acted, parts: ServerParts): Promise<void> {
	const result = acted.kind === 'failed' ? `${acted.error.code}: ${acted.error.sentence}` : resultText(acted.result);
	// What it does not take may be anything, and of any length.
	const said = params.kind === 'failed' ? 'with something else' : JSON.stringify(params.params);
	const what = said === '{}' ? name : `${name} ${said}`;
	await parts.audit.write(rowOf(actor, parts, { what, result }));
}

/** Whoever has no role for it can ask as often as he likes, and say with it what he likes: neither is kept. */
async function recordRefusal(what: string, actor: Actor, { code, sentence }: ToldError, parts: ServerParts): Promise<void> {
	await parts.tally.write(rowOf(actor, parts, { what, result: `${code}: ${sentence}` }), `${what} ${actor.name}`);
}

function rowOf({ name, role, from }: Actor, { clock }: ServerParts, told: Pick<AuditRow, 'what' | 'result'>): AuditRow {
	return { atMs: clock.wallMs(), who: name, role, from, ...told };
}

function resultText(result: Extract<Acted, { kind: 'result' }>['result']): string {
	return result.kind === 'done' ? `done: ${result.sentence}` : `refused, ${result.code}: ${result.sentence}`;
}

function addLive(app: FastifyInstance, { live, access }: ServerParts): void {
	const hasRoom = async (request: FastifyRequest): Promise<void> => {
		if (!request.ws) throw new ApiError('API_UPGRADE');
		if (live.isFull) throw new ApiError('API_SOCKETS');
	};
	app.get(FEED_PATH, { websocket: true, preValidation: hasRoom }, (socket, request) => {
		const { session } = known(request);
		live.open(socket, () => session === undefined || access.isOpen(session));
	});
}

async function addPages(app: FastifyInstance, { pages }: ServerParts): Promise<void> {
	const open = { config: { isOpen: true } };
	if (pages === undefined) {
		app.get('/', open, async (_request, reply) => reply.type('text/html; charset=utf-8').send(PLAIN_PAGE));
		return;
	}
	await app.register(fastifyStatic, { root: pages, serve: false, cacheControl: false, dotfiles: 'deny' });
	const sendFile = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
		const { '*': path = '' } = request.params as { '*'?: string };
		return reply.sendFile(path === '' ? 'index.html' : path);
	};
	app.get('/', open, sendFile);
	app.get('/*', open, sendFile);
}

function known({ identity }: FastifyRequest): Identity {
	// The guard refuses before; a route that forgot to say that it is open ends here.
	if (identity === undefined) throw new ApiError('API_TOKEN');
	return identity;
}

function roleError(needed: Role): ApiError {
	return new ApiError('API_ROLE', `that takes the role ${needed}, and this log-in has less`);
}
