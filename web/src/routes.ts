/** The pages, in the order of the menu. Each is loaded when it is first looked at. */
import type { FunctionComponent } from 'preact';

export interface PageParts {
	/** What follows the page's name in the address. */
	readonly rest: string;
}

export interface Route {
	readonly name: string;
	readonly title: string;
	/** Pressed after `g`. */
	readonly key?: string;
	readonly inMenu?: boolean;
	readonly group: 'trading' | 'quality' | 'operating';
	load(): Promise<FunctionComponent<PageParts>>;
}

export const ROUTES: readonly Route[] = [
	{
		name: 'overview',
		title: 'Overview',
		key: 'o',
		group: 'trading',
		load: async () => (await import('./pages/overview.tsx')).OverviewPage,
	},
	{
		name: 'symbols',
		title: 'Symbols',
		key: 's',
		group: 'trading',
		load: async () => (await import('./pages/symbols.tsx')).SymbolsPage,
	},
	{
		name: 'symbol',
		title: 'Symbol',
		inMenu: false,
		group: 'trading',
		load: async () => (await import('./pages/symbol.tsx')).SymbolPage,
	},
	{
		name: 'orders',
		title: 'Orders',
		key: 'r',
		group: 'trading',
		load: async () => (await import('./pages/orders.tsx')).OrdersPage,
	},
	{ name: 'fills', title: 'Fills', key: 'f', group: 'trading', load: async () => (await import('./pages/fills.tsx')).FillsPage },
	{
		name: 'trading',
		title: 'Decisions',
		key: 'd',
		group: 'trading',
		load: async () => (await import('./pages/trading.tsx')).TradingPage,
	},
	{ name: 'pnl', title: 'Profit', key: 'p', group: 'quality', load: async () => (await import('./pages/pnl.tsx')).PnlPage },
	{
		name: 'markouts',
		title: 'Markouts',
		key: 'm',
		group: 'quality',
		load: async () => (await import('./pages/markouts.tsx')).MarkoutsPage,
	},
	{
		name: 'latency',
		title: 'Latency',
		key: 'l',
		group: 'quality',
		load: async () => (await import('./pages/latency.tsx')).LatencyPage,
	},
	{
		name: 'backtests',
		title: 'Backtests',
		key: 'b',
		group: 'quality',
		load: async () => (await import('./pages/backtests.tsx')).BacktestsPage,
	},
	{
		name: 'control',
		title: 'Control',
		key: 'c',
		group: 'operating',
		load: async () => (await import('./pages/control.tsx')).ControlPage,
	},
	{
		name: 'reconciliation',
		title: 'Reconciliation',
		key: 'n',
		group: 'operating',
		load: async () => (await import('./pages/reconciliation.tsx')).ReconciliationPage,
	},
	{
		name: 'config',
		title: 'Settings',
		key: 'g',
		group: 'operating',
		load: async () => (await import('./pages/config.tsx')).ConfigPage,
	},
	{
		name: 'audit',
		title: 'Audit',
		key: 'a',
		group: 'operating',
		load: async () => (await import('./pages/audit.tsx')).AuditPage,
	},
];

export function routeOf(name: string): Route | undefined {
	return ROUTES.find((route) => route.name === name);
}
