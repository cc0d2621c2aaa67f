/**
 * What stands in `ops/` agrees with the code: dashboards are as `node scripts/grafana.ts` writes them, nothing asks for a
 * metric that no engine tells, and every alert rule has its chapter for whoever is woken by it. What Prometheus and an
 * engine say to them is in test/servers.
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { BOARDS, textOf } from '../../scripts/grafana/boards.ts';
import { METRICS } from '../../src/telemetry/catalogue.ts';
import { askedIn, unknownIn } from '../fixtures/expressions.ts';
import { SCENES } from '../servers/troubles/scenes.ts';

interface Rule {
	readonly alert: string;
	readonly expr: string;
	readonly for?: string;
	readonly labels: { readonly severity: string };
	readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

function textAt(path: string): string {
	return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

function rulesOf(): readonly Rule[] {
	const { groups } = parse(textAt('ops/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] };
	return groups.flatMap(({ rules }) => rules);
}

describe.each(Object.entries(BOARDS))('ops/grafana/%s', (name, plan) => {
	test('is as the code has it', () => {
		expect(textAt(`ops/grafana/${name}`), 'run: node scripts/grafana.ts').toBe(textOf(plan));
	});

	test('asks for what engines tell, and every line can be told from the others', () => {
		const panels = plan.rows.flatMap((row) => row.panels);
		const unknown = panels.flatMap(({ title, ask }) =>
			ask.flatMap(({ expr }) => unknownIn(expr).map((each) => `${title}: ${each}`)),
		);
		expect(unknown).toEqual([]);
		for (const { name: label, metric } of plan.choices) expect(unknownIn(`${metric}{${label}=""}`)).toEqual([]);
		for (const { title, ask } of panels) expect(new Set(ask.map(({ legend }) => legend)).size, title).toBe(ask.length);
	});

	test('fills its rows', () => {
		for (const { title, panels } of plan.rows) {
			const width = panels.reduce((sum, panel) => sum + panel.width, 0);
			expect(panels.every((panel) => panel.about !== '') && width <= 24 * Math.ceil(width / 24), title).toBe(true);
		}
	});
});

test('the dashboards show every metric that an engine tells', () => {
	const asked = Object.values(BOARDS)
		.flatMap(({ rows, choices }) => [
			...rows.flatMap(({ panels }) => panels.flatMap(({ ask }) => ask.map(({ expr }) => expr))),
			...choices.map(({ metric }) => metric),
		])
		.flatMap((expr) => askedIn(expr).map(({ metric }) => metric));
	const shown = METRICS.filter(({ name }) => asked.some((metric) => metric === name || metric === `${name}_bucket`));
	const hidden = METRICS.filter((entry) => !shown.includes(entry)).map(({ name }) => name);
	// A flag beside the figure that it is about; alert rules look at it.
	expect(hidden).toEqual(['mm_pnl_complete']);
});

describe('alert rules', () => {
	test.each(rulesOf())('$alert asks for what engines tell, and says what to do', ({ expr, labels, annotations }) => {
		expect(unknownIn(expr)).toEqual([]);
		expect(['critical', 'warning', 'info']).toContain(labels.severity);
		const { summary, description, runbook_url: chapter } = annotations;
		expect([summary, description].every((text) => text.length > 10)).toBe(true);
		const [page, code] = chapter.split('#');
		expect(page).toBe('docs/runbooks.md');
		// The engine's own alerts have a chapter each, which is tested where their codes are.
		if (code !== '{{ $labels.code }}') expect(textAt('docs/runbooks.md').split('\n')).toContain(`### ${code}`);
	});

	test('have names of their own, and a test each', () => {
		const names = rulesOf().map(({ alert }) => alert);
		const { tests } = parse(textAt('ops/prometheus/alerts.test.yml')) as { tests: { name: string }[] };
		expect(tests.map(({ name }) => name)).toEqual(names);
		expect(new Set(names).size).toBe(names.length);
	});

	test('fire in a scripted trouble each (test/servers/troubles.full.test.ts)', () => {
		const names = rulesOf().map(({ alert }) => alert);
		const fires = new Set(SCENES.flatMap(({ troubles }) => troubles.flatMap((trouble) => trouble.fires)));
		expect(names.filter((name) => !fires.has(name))).toEqual([]);
		expect([...fires].filter((name) => !names.includes(name))).toEqual([]);
	});
});

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

test('all YAML of it is YAML', () => {
	const files = globSync('ops/**/*.yml', { cwd: ROOT });
	expect(files.length).toBeGreaterThan(4);
	for (const file of files) expect(typeof parse(textAt(file)), file).toBe('object');
});

describe('containers', () => {
	interface Service {
		readonly network_mode?: string;
		readonly ports?: readonly unknown[];
		readonly command?: readonly string[];
		readonly environment?: Readonly<Record<string, string>>;
		readonly env_file?: readonly { readonly path: string }[];
		readonly volumes: readonly string[];
		readonly ulimits?: Readonly<Record<string, number>>;
	}
	const compose = parse(textAt('ops/compose.yml')) as {
		readonly services: Readonly<Record<string, Service>>;
		readonly volumes: object;
	};

	test('listen on loopback alone', () => {
		for (const [name, service] of Object.entries(compose.services)) {
			expect([service.network_mode, service.ports], name).toEqual(['host', undefined]);
		}
		expect(compose.services['prometheus']?.command).toContain('--web.listen-address=127.0.0.1:9090');
		expect(compose.services['grafana']?.environment).toMatchObject({ GF_SERVER_HTTP_ADDR: '127.0.0.1' });
	});

	/** Beside the files that are ours, and nobody's business. */
	const own = ['./evenkeel.yaml', './environment'];

	test('take neither settings nor secrets of the user into the image or the repository', () => {
		expect(compose.services['evenkeel']?.env_file?.map(({ path }) => path)).toEqual(['./environment']);
		for (const list of ['.dockerignore', '.gitignore']) {
			expect(textAt(list).split('\n'), list).toEqual(expect.arrayContaining(own.map((file) => file.replace('./', 'ops/'))));
		}
	});

	test('write no core file, and let no debugger in', () => {
		expect(compose.services['evenkeel']?.ulimits).toEqual({ core: 0 });
		expect(textAt('ops/Containerfile')).toMatch(/^ENV .*\bNODE_OPTIONS=--disable-sigusr1\b/m);
	});

	test('mount what there is', () => {
		const mounted = Object.values(compose.services).flatMap(({ volumes }) => volumes.map((volume) => volume.split(':')[0] ?? ''));
		const [files, named] = [mounted.filter((from) => from.startsWith('./')), mounted.filter((from) => !from.startsWith('./'))];
		for (const file of files) if (!own.includes(file)) expect(globSync(join('ops', file), { cwd: ROOT }), file).toHaveLength(1);
		expect(named.sort()).toEqual(Object.keys(compose.volumes).sort());
	});

	test('are made with the pinned Node', () => {
		const pinned = textAt('.node-version').trim();
		const used = [...textAt('ops/Containerfile').matchAll(/^FROM docker\.io\/library\/node:([\d.]+)-/gm)].map(
			([, version]) => version,
		);
		expect(used).toEqual([pinned, pinned]);
	});
});

test.each(globSync('ops/*.service', { cwd: ROOT }))('%s writes no core file, and lets no debugger in', (file) => {
	const lines = textAt(file).split('\n');
	expect(lines).toContain('LimitCORE=0');
	expect(lines.filter((line) => /^Environment=.*\bNODE_OPTIONS=--disable-sigusr1\b/.test(line))).toHaveLength(1);
});

const hasSystemd = spawnSync('sh', ['-c', 'command -v systemd-analyze']).status === 0;

describe.skipIf(!hasSystemd)('units (skipped where there is no systemd-analyze)', () => {
	test.each(globSync('ops/*.service', { cwd: ROOT }))('%s says nothing that systemd does not know', (file) => {
		const folder = mkdtempSync(join(tmpdir(), 'evenkeel-unit-'));
		try {
			// Where it is installed is a matter of the machine.
			const copy = join(folder, basename(file));
			writeFileSync(copy, textAt(file).replace('/usr/local/bin/evenkeel', process.execPath));
			const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', copy], { encoding: 'utf8' });
			expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('evenkeel'))).toEqual([]);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	});
});

test('what an expression asks for is read from it', () => {
	expect(unknownIn('sum by (le, verb) (rate(mm_exchange_req_ms_bucket{api="ws", instance=~"$i"}[5m])) > 0')).toEqual([]);
	expect(unknownIn('rate(mm_nothing_total[5m]) / on (code) mm_alerts{colour="red"}')).toEqual([
		'mm_nothing_total',
		'mm_alerts{colour}',
	]);
});
