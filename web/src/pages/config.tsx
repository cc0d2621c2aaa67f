/** The settings in force: where each comes from, which may change while the engine runs, and how to change them. */
import { useComputed } from '@preact/signals';
import { Fragment, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { QueryAnswer } from '../../../src/api/types.ts';
import { NOTHING } from '../format.ts';
import { Field, Tabs } from '../parts/controls.tsx';
import { Pill } from '../parts/figure.tsx';
import { Grid, Page, Panel } from '../parts/layout.tsx';
import { isLive, type Setting, settingsOf, shownValue } from '../parts/settings.ts';
import { type Column, LiveTable } from '../parts/table.tsx';
import { type Change, ChangeDialog } from '../shell/change-setting.tsx';
import { useTopic, useTopicError } from '../store/live.ts';
import { mayDo } from '../store/session.ts';

type Config = QueryAnswer<'config'>;
type Shown = 'all' | 'live' | 'changed';

interface Line extends Setting {
	readonly isLive: boolean;
	readonly isPatched: boolean;
	readonly waiting: string | undefined;
}

export function ConfigPage(): JSX.Element {
	const config = useTopic('config', {});
	const trouble = useTopicError('config', {});
	const [shown, setShown] = useState<Shown>('all');
	const [wanted, setWanted] = useState('');
	const [change, setChange] = useState<Change | undefined>(undefined);
	const lines = useComputed(() => (config.value === undefined ? undefined : linesOf(config.value)));
	const strategies = useComputed(() => strategyLines(config.value));
	const close = (): void => setChange(undefined);
	return (
		<Page
			title="Settings"
			trouble={trouble}
			actions={
				<Tabs<Shown>
					label="Which"
					value={shown}
					options={[
						{ value: 'all', text: 'All' },
						{ value: 'live', text: 'May change now' },
						{ value: 'changed', text: 'Changed here' },
					]}
					onChange={setShown}
				/>
			}
		>
			<Grid>
				<Panel title="Strategies" note="parameters may change between ticks" flush>
					<LiveTable
						label="Parameters of strategies"
						columns={strategyColumns(setChange)}
						rows={() => strategies.value}
						rowKey={({ strategy, path }) => `${strategy} ${path}`}
						empty="The configuration names none: what is quoted is quoted by the default ladder."
					/>
				</Panel>
				<Panel title="In force" note={config.value?.file ?? 'no file: all are defaults'} flush>
					<div class="panel-search">
						<Field label="Search" value={wanted} onInput={setWanted} />
					</div>
					<LiveTable
						key={`${shown} ${wanted}`}
						label="Settings"
						columns={columns(setChange)}
						rows={() => lines.value?.filter((line) => isShown(line, shown, wanted))}
						rowKey={({ path }) => path}
						empty="Nothing fits."
					/>
				</Panel>
			</Grid>
			{change === undefined ? null : (
				<ChangeDialog key={change.path} change={change} hasFile={config.value?.file !== null} onClose={close} />
			)}
		</Page>
	);
}

function linesOf({ config, overlay, live, waiting }: Config): Line[] {
	// Parameters of strategies stand in a table of their own.
	const settings = settingsOf(config).filter(({ path }) => !/^strategies\.\d+\.params\b/.test(path));
	return settings.map((setting) => ({
		...setting,
		isLive: isLive(setting.path, live),
		isPatched: setting.path in overlay,
		waiting: waiting.find(({ path }) => path === setting.path)?.sentence,
	}));
}

function isShown(line: Line, shown: Shown, wanted: string): boolean {
	if (shown === 'live' && !line.isLive) return false;
	if (shown === 'changed' && !line.isPatched) return false;
	const text = wanted.trim().toLowerCase();
	return text === '' || line.path.toLowerCase().includes(text) || shownValue(line.value).toLowerCase().includes(text);
}

function columns(onChange: (change: Change) => void): readonly Column<Line>[] {
	return [
		{ head: 'Setting', cell: ({ path }) => path, view: (row) => <SettingPath path={row.value.path} /> },
		{ head: 'Value', cell: ({ value }) => shownValue(value), kind: 'sentence' },
		{
			head: 'From',
			cell: ({ isPatched }) => (isPatched ? 'changed here' : 'file or default'),
			tone: ({ isPatched }) => (isPatched ? 'accent' : 'dim'),
			wide: true,
		},
		{ head: 'Note', cell: ({ waiting }) => waiting ?? '', kind: 'sentence', wide: true },
		{
			head: 'Change',
			cell: () => '',
			view: (row) =>
				row.value.isLive && mayDo('admin') ? (
					<button
						type="button"
						class="link-button"
						aria-label={`Change ${row.value.path}`}
						onClick={() => onChange({ path: row.value.path, now: row.value.value, isPatched: row.value.isPatched })}
					>
						change
					</button>
				) : (
					<Pill>{row.value.isLive ? 'admin' : 'next start'}</Pill>
				),
		},
	];
}

interface StrategyLine extends Setting {
	readonly strategy: string;
	readonly isPatched: boolean;
}

function strategyLines(view: Config | undefined): StrategyLine[] | undefined {
	if (view === undefined) return undefined;
	const { config, overlay } = view;
	const list: unknown = typeof config === 'object' && config !== null && 'strategies' in config ? config.strategies : [];
	if (!Array.isArray(list)) return [];
	return list.flatMap((each: unknown) => {
		if (typeof each !== 'object' || each === null || !('params' in each)) return [];
		const name = 'name' in each ? String(each.name) : NOTHING;
		return settingsOf(each.params).map((setting) => ({
			...setting,
			strategy: name,
			isPatched: `strategies.${name}.params.${setting.path}` in overlay,
		}));
	});
}

function strategyColumns(onChange: (change: Change) => void): readonly Column<StrategyLine>[] {
	return [
		{ head: 'Strategy', cell: ({ strategy }) => strategy },
		{ head: 'Parameter', cell: ({ path }) => path, view: (row) => <SettingPath path={row.value.path} /> },
		{ head: 'Value', cell: ({ value }) => shownValue(value), kind: 'sentence' },
		{
			head: 'From',
			cell: ({ isPatched }) => (isPatched ? 'changed here' : 'file or default'),
			tone: ({ isPatched }) => (isPatched ? 'accent' : 'dim'),
			wide: true,
		},
		{
			head: 'Change',
			cell: () => '',
			view: (row) =>
				mayDo('operator') ? (
					<button
						type="button"
						class="link-button"
						aria-label={`Change ${row.value.path} of ${row.value.strategy}`}
						onClick={() =>
							onChange({
								strategy: row.value.strategy,
								path: row.value.path,
								now: row.value.value,
								isPatched: row.value.isPatched,
							})
						}
					>
						change
					</button>
				) : (
					<Pill>operator</Pill>
				),
		},
	];
}

/** May be broken after a dot or an underscore, and nowhere else. */
function SettingPath({ path }: { readonly path: string }): JSX.Element {
	return (
		<span class="setting-path">
			{path.split(/(?<=[._])/).map((part, index) => (
				// The parts of one path never change places.
				<Fragment key={index}>
					{part}
					<wbr />
				</Fragment>
			))}
		</span>
	);
}
