/** The API as an OpenAPI document, printed from the contract: what is not in it is not served. */
import * as z from 'zod';
import { ACTIONS, actionResult, QUERIES } from '../app/console/contract.ts';
import { API_ERRORS } from './api-error.ts';

type Json = Readonly<Record<string, unknown>>;

export function openApiDocument(version: string): Json {
	const reads = Object.entries(QUERIES).map(([name, { params, answer, help }]) => [
		`/v1/${name}`,
		{
			get: {
				operationId: name,
				summary: help,
				parameters: parametersOf(params),
				responses: responsesOf(schemaOf(answer, 'output')),
			},
		},
	]);
	const done = schemaOf(actionResult, 'output');
	const actions = Object.entries(ACTIONS).map(([name, { params, role, help }]) => [
		`/v1/${name}`,
		{
			post: {
				operationId: name,
				summary: `${help} (${role})`,
				requestBody: { required: true, content: { 'application/json': { schema: schemaOf(params, 'input') } } },
				responses: responsesOf(done),
			},
		},
	]);
	return {
		openapi: '3.1.0',
		info: {
			title: 'Evenkeel',
			version,
			description: 'The control API of a running engine. Live: WebSocket /v1/live, which takes {"watch":[{"name","params"}]}.',
		},
		security: [{ token: [] }],
		paths: Object.fromEntries([...reads, ...actions]),
		components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } }, schemas: { Failure: FAILURE } },
	};
}

const FAILURE: Json = {
	type: 'object',
	properties: { code: { enum: Object.keys(API_ERRORS) }, sentence: { type: 'string' } },
	required: ['code', 'sentence'],
};

function responsesOf(schema: Json): Json {
	return {
		200: { description: 'the answer', content: jsonOf(schema) },
		default: { description: 'it failed', content: jsonOf({ $ref: '#/components/schemas/Failure' }) },
	};
}

function jsonOf(schema: Json): Json {
	return { 'application/json': { schema } };
}

function parametersOf(params: z.ZodType): readonly Json[] {
	const { properties = {}, required = [] } = schemaOf(params, 'input') as { properties?: Json; required?: readonly string[] };
	return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
	const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
	return rest;
}
