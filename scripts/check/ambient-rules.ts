/**
 * Lint rules for what `src/` may not take from the air: the time, timers, chance, sockets, files and the process. Each
 * has a port, so that a run can be repeated and time can be virtual. One rule for each kind, so that .oxlintrc.json can
 * switch off exactly one in exactly the files that implement a port. A plugin and not `no-restricted-*`, because those
 * know neither `new Date()` without arguments nor exceptions for a part of their list.
 * Types are free: `import type` is erased before anything runs.
 */
import type { RuleTester } from 'oxlint/plugins-dev';

// oxlint exports its types only through its tester.
type Rule = Extract<Parameters<RuleTester['run']>[1], { readonly create: unknown }>;
type Visitor = ReturnType<Rule['create']>;
type NodeOf<Kind extends keyof Visitor> = Parameters<NonNullable<Visitor[Kind]>>[0];
type Node = Parameters<Parameters<Rule['create']>[0]['sourceCode']['isGlobalReference']>[0];

interface Ambient {
	/** Ends the message: what to use instead. */
	readonly instead: string;
	readonly globals?: readonly string[];
	/** Written `object.property`, both as they stand in the code, the object being a global. */
	readonly properties?: readonly string[];
	/** Modules that may not be imported at all. */
	readonly modules?: readonly string[];
	/** Modules of which only some names may be imported, and those one by one. */
	readonly names?: Readonly<Record<string, { readonly forbidden: RegExp }>>;
}

const kinds = {
	clock: {
		instead: 'ask the Clock that is handed in (src/ports/clock.ts); pure rooms get the time on the event',
		globals: ['performance', 'Temporal'],
		properties: ['Date.now', 'process.hrtime', 'process.uptime'],
		names: { 'node:perf_hooks': { forbidden: /^(performance|timerify)$/ } },
	},
	timers: {
		instead: 'use Clock.after (src/ports/clock.ts); pure rooms return an effect',
		globals: ['setTimeout', 'setInterval', 'setImmediate', 'scheduler'],
		properties: ['AbortSignal.timeout', 'Atomics.wait', 'Atomics.waitAsync'],
		modules: ['node:timers', 'node:timers/promises'],
	},
	chance: {
		instead:
			'draw from the Rng that is handed in (src/ports/rng.ts); of node:crypto only what is synchronous and repeatable may be imported, by name',
		globals: ['crypto'],
		properties: ['Math.random'],
		names: {
			'node:crypto': {
				forbidden:
					/^(random.*|getRandomValues|webcrypto|subtle|generate.*|pbkdf2|scrypt|hkdf|check.*|pseudoRandomBytes|prng|rng)$/,
			},
		},
	},
	compression: {
		instead: 'use the Sync functions of node:zlib by name: the others run on threads, out of reach of virtual time',
		globals: ['CompressionStream', 'DecompressionStream'],
		names: { 'node:zlib': { forbidden: /^(?!.*Sync$|constants$|codes$|crc32$)/ } },
	},
	network: {
		instead: 'use the Transport that is handed in (src/network)',
		globals: ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'],
		modules: [
			'node:net',
			'node:http',
			'node:https',
			'node:http2',
			'node:tls',
			'node:dgram',
			'node:dns',
			'node:dns/promises',
			'undici',
			'ws',
		],
	},
	files: {
		instead: 'files belong to src/storage, behind its ports; whoever needs one is handed the port',
		modules: ['node:fs', 'node:fs/promises', 'node:sqlite'],
	},
	process: {
		instead: 'settings come in through the config that src/app hands out; arguments, exit codes and signals belong to src/cli',
		globals: ['process'],
		modules: ['node:process', 'node:os', 'node:readline', 'node:readline/promises', 'node:child_process', 'node:cluster'],
	},
	threads: {
		instead: 'threads are started in the few files that .oxlintrc.json names',
		globals: ['Worker', 'MessageChannel', 'BroadcastChannel'],
		modules: ['node:worker_threads'],
	},
} satisfies Record<string, Ambient>;

export default {
	meta: { name: 'ambient' },
	rules: Object.fromEntries(Object.entries(kinds).map(([kind, ambient]) => [`no-${kind}`, rule(kind, ambient)])),
};

function rule(kind: string, { instead, globals = [], properties = [], modules = [], names = {} }: Ambient): Rule {
	return {
		create(context) {
			const report = (node: Node, what: string): void =>
				context.report({ node, message: `${what} is not for this file: ${instead}` });
			const isGlobal = (node: Node): node is Node & { type: 'Identifier'; name: string } =>
				node.type === 'Identifier' && context.sourceCode.isGlobalReference(node);

			const checkImport = (node: Node, source: string, imported: readonly string[]): void => {
				const name = withPrefix(source);
				if (modules.includes(name) || modules.includes(source)) return report(node, `importing ${source}`);
				const forbidden = names[name]?.forbidden;
				for (const each of imported)
					if (forbidden?.test(each) === true || (forbidden !== undefined && each === '*'))
						report(node, `${each === '*' ? 'all' : each} of ${source}`);
			};

			return {
				Identifier(node) {
					if (!globals.includes(node.name) || !isGlobal(node) || isTypeQuery(node)) return;
					report(node, node.name);
				},
				MemberExpression(node) {
					const property = propertyName(node);
					if (property === undefined || !isGlobal(node.object)) return;
					const whole = node.object.name === 'globalThis' || node.object.name === 'global';
					if (whole && globals.includes(property)) report(node, `globalThis.${property}`);
					if (properties.includes(`${node.object.name}.${property}`)) report(node, `${node.object.name}.${property}`);
				},
				// const { now } = Date
				VariableDeclarator(node) {
					if (node.id.type !== 'ObjectPattern' || node.init === null || !isGlobal(node.init)) return;
					const object = node.init.name;
					for (const property of node.id.properties) {
						if (property.type !== 'Property' || property.key.type !== 'Identifier') continue;
						const name = property.key.name;
						if (properties.includes(`${object}.${name}`) || (object === 'globalThis' && globals.includes(name)))
							report(property, `${object}.${name}`);
					}
				},
				NewExpression(node) {
					if (kind === 'clock' && isGlobal(node.callee) && node.callee.name === 'Date' && node.arguments.length === 0)
						report(node, 'new Date() without a time');
				},
				CallExpression(node) {
					if (kind === 'clock' && isGlobal(node.callee) && node.callee.name === 'Date') report(node, 'Date()');
				},
				ImportDeclaration(node) {
					if (node.importKind === 'type') return;
					const values = node.specifiers.filter(
						(specifier) => specifier.type !== 'ImportSpecifier' || specifier.importKind !== 'type',
					);
					const imported = values.map((specifier) => (specifier.type === 'ImportSpecifier' ? nameOf(specifier.imported) : '*'));
					checkImport(node, node.source.value, imported);
				},
				ImportExpression(node) {
					if (node.source.type === 'Literal' && typeof node.source.value === 'string')
						checkImport(node, node.source.value, ['*']);
				},
				ExportNamedDeclaration(node) {
					if (node.source === null || node.exportKind === 'type') return;
					checkImport(
						node,
						node.source.value,
						node.specifiers.map((specifier) => nameOf(specifier.local)),
					);
				},
				ExportAllDeclaration(node) {
					if (node.exportKind !== 'type') checkImport(node, node.source.value, ['*']);
				},
			};
		},
	};
}

/** `fs` and `node:fs` are the same module; packages keep their name, since no list has them with the prefix. */
function withPrefix(source: string): string {
	return source.startsWith('node:') ? source : `node:${source}`;
}

function propertyName(node: NodeOf<'MemberExpression'>): string | undefined {
	if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined;
	return node.property.type === 'Literal' && typeof node.property.value === 'string' ? node.property.value : undefined;
}

function nameOf(name: { readonly name: string } | { readonly value: string }): string {
	return 'name' in name ? name.name : name.value;
}

/** `typeof performance` in a type names a type. */
function isTypeQuery(node: Node): boolean {
	return node.parent?.type === 'TSTypeQuery';
}
