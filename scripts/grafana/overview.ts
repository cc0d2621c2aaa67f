/** What an operator looks at first: is it safe, what does it earn, how fast is it, what of the venues. */
import type { BoardPlan } from './board.ts';

const BY_STAGE = 'sum by (le, stage) (rate(latency_ms_bucket{instance=~"$instance"}[$__rate_interval]))';
const TICK = 'sum by (le) (rate(mm_tick_duration_ms_bucket{instance=~"$instance"}[$__rate_interval]))';
const REQUESTS = 'sum by (le, verb, api) (rate(mm_exchange_req_ms_bucket{instance=~"$instance"}[$__rate_interval]))';

export const OVERVIEW: BoardPlan = {
	uid: 'mm_bot_overview',
	title: 'Evenkeel: overview',
	about: 'State, profit, ticks and venues of one engine.',
	choices: [
		{ name: 'instance', metric: 'mm_run_info' },
		{ name: 'exchange', metric: 'mm_exchange_ready' },
	],
	rows: [
		{
			title: 'Now',
			panels: [
				{
					kind: 'figure',
					...{ title: 'Risk level', unit: 'none', width: 3 },
					about: '0 runs, 1 does not quote, 2 only reduces positions, 3 is killed.',
					ask: [{ expr: 'max(mm_risk_level{instance=~"$instance"})' }],
					colours: [
						[1, 'yellow'],
						[2, 'orange'],
						[3, 'red'],
					],
				},
				{
					kind: 'figure',
					...{ title: 'Paused', unit: 'none', width: 3, about: '1 while nothing is quoted for the whole account.' },
					ask: [{ expr: 'max(risk_paused{instance=~"$instance"})' }],
					colours: [[1, 'orange']],
				},
				{
					kind: 'figure',
					...{ title: 'Alerts that last', unit: 'none', width: 3, about: 'As the engine itself counts them.' },
					ask: [{ expr: 'sum by (severity) (mm_alerts{instance=~"$instance"})', legend: '{{severity}}' }],
					colours: [[1, 'yellow']],
				},
				{
					kind: 'figure',
					...{ title: 'Profit', unit: 'short', width: 3, about: 'Of trading, in the home currency.' },
					ask: [{ expr: 'sum(mm_pnl{part="total", instance=~"$instance"})' }],
				},
				{
					kind: 'figure',
					...{ title: 'Drawdown', unit: 'percentunit', width: 3, about: 'Below the highest equity.' },
					ask: [{ expr: 'max(mm_drawdown_ratio{instance=~"$instance"})' }],
					colours: [
						[0.02, 'yellow'],
						[0.05, 'red'],
					],
				},
				{
					kind: 'figure',
					...{ title: 'Tick p95', unit: 'ms', width: 3, about: 'From the first event of a flush to its last answer.' },
					ask: [{ expr: `histogram_quantile(0.95, ${TICK})` }],
					colours: [
						[200, 'yellow'],
						[250, 'red'],
					],
				},
				{
					kind: 'figure',
					...{ title: 'Open orders', unit: 'none', width: 3, about: 'Ours, in any state that is not over.' },
					ask: [{ expr: 'sum(mm_orders{instance=~"$instance"})' }],
				},
				{
					kind: 'figure',
					...{
						title: 'Quoting',
						unit: 'percentunit',
						width: 3,
						about: 'Share of all sides of all symbols that stand in the book.',
					},
					ask: [{ expr: 'avg(mm_quoting{instance=~"$instance"})' }],
				},
			],
		},
		{
			title: 'Ticks',
			panels: [
				{
					...{ title: 'Tick', unit: 'ms', width: 8, about: 'From the first event of a flush to its last answer.' },
					ask: [0.5, 0.95, 0.99].map((share) => ({ expr: `histogram_quantile(${share}, ${TICK})`, legend: `p${share * 100}` })),
				},
				{
					...{ title: 'Latency by stage, p95', unit: 'ms', width: 8 },
					about: 'Computing, journal, REST and WebSocket requests, comparisons with the venue.',
					ask: [{ expr: `histogram_quantile(0.95, ${BY_STAGE})`, legend: '{{stage}}' }],
				},
				{
					...{
						title: 'Requests by verb and road, p95',
						unit: 'ms',
						width: 8,
						about: 'From handing a request over to its answer.',
					},
					ask: [{ expr: `histogram_quantile(0.95, ${REQUESTS})`, legend: '{{verb}} {{api}}' }],
				},
				{
					...{
						title: 'Ticks',
						unit: 'cps',
						width: 8,
						about: 'All of them, and those whose last answer came after the deadline.',
					},
					ask: [
						{ expr: 'sum(rate(mm_ticks_total{instance=~"$instance"}[$__rate_interval]))', legend: 'ticks' },
						{ expr: 'sum(rate(mm_tick_overruns_total{instance=~"$instance"}[$__rate_interval]))', legend: 'too late' },
						{ expr: 'sum(rate(mm_commands_dropped_total{instance=~"$instance"}[$__rate_interval]))', legend: 'commands dropped' },
					],
				},
				{
					kind: 'stacked',
					...{ title: 'Calls saved', unit: 'cps', width: 8, about: 'Commands that needed no call of their own.' },
					ask: [
						{ expr: 'sum by (op) (rate(mm_cmd_coalesced_total{instance=~"$instance"}[$__rate_interval]))', legend: '{{op}}' },
					],
				},
				{
					...{ title: 'Commands per call', unit: 'short', width: 8, min: 0, about: 'How well calls are filled.' },
					ask: [
						{
							expr: 'sum by (op) (rate(mm_commands_total{instance=~"$instance"}[$__rate_interval])) / sum by (op) (rate(mm_calls_total{instance=~"$instance"}[$__rate_interval]))',
							legend: '{{op}}',
						},
					],
				},
			],
		},
		{
			title: 'Money',
			panels: [
				{
					...{
						title: 'Where profit comes from',
						unit: 'short',
						width: 8,
						about: 'Spread, inventory, fees and funding add up to the total.',
					},
					ask: [
						{
							expr: 'sum by (part) (mm_pnl{part=~"total|spread|inventory|fees|funding", instance=~"$instance"})',
							legend: '{{part}}',
						},
					],
				},
				{
					...{ title: 'Realised and not', unit: 'short', width: 8, about: 'The same total, cut another way.' },
					ask: [{ expr: 'sum by (part) (mm_pnl{part=~"total|realised|unrealised", instance=~"$instance"})', legend: '{{part}}' }],
				},
				{
					...{
						title: 'Exposure',
						unit: 'short',
						width: 8,
						about: 'All positions, without and with their signs, and what the account is worth.',
					},
					ask: [
						{ expr: 'sum by (kind) (mm_exposure{instance=~"$instance"})', legend: '{{kind}}' },
						{ expr: 'sum(mm_equity{instance=~"$instance"})', legend: 'equity' },
						{ expr: 'sum(mm_drawdown{instance=~"$instance"})', legend: 'drawdown' },
					],
				},
				{
					...{
						title: 'Inventory',
						unit: 'short',
						width: 12,
						about: 'What is held of each symbol, worth in the currency that it settles in.',
					},
					ask: [{ expr: 'mm_inventory_notional{instance=~"$instance"}', legend: '{{symbol}}' }],
				},
				{
					...{ title: 'Turnover a minute', unit: 'short', width: 12, about: 'Filled, in the quote currency.' },
					ask: [
						{
							expr: '60 * sum by (symbol) (rate(mm_fill_volume_total{instance=~"$instance"}[$__rate_interval]))',
							legend: '{{symbol}}',
						},
					],
				},
			],
		},
		{
			title: 'Orders and risk',
			panels: [
				{
					kind: 'stacked',
					...{ title: 'Orders by state', unit: 'short', width: 8, about: 'Unknown: only the venue can tell.' },
					ask: [{ expr: 'sum by (state) (mm_orders{instance=~"$instance"})', legend: '{{state}}' }],
				},
				{
					...{ title: 'Ends of orders', unit: 'cps', width: 8, about: 'How orders end.' },
					ask: [
						{
							expr: 'sum by (state) (rate(mm_orders_ended_total{instance=~"$instance"}[$__rate_interval]))',
							legend: '{{state}}',
						},
					],
				},
				{
					...{
						title: 'Refused',
						unit: 'cps',
						width: 8,
						about: 'By the venue by the class of its reason, left without an answer, and by our own gate.',
					},
					ask: [
						{
							expr: 'sum by (reason) (rate(mm_rejects_total{instance=~"$instance"}[$__rate_interval]))',
							legend: 'venue: {{reason}}',
						},
						{ expr: 'sum(rate(mm_unanswered_total{instance=~"$instance"}[$__rate_interval]))', legend: 'no answer' },
						{
							expr: 'sum by (code) (rate(mm_denials_total{instance=~"$instance"}[$__rate_interval])) > 0',
							legend: 'gate: {{code}}',
						},
					],
				},
				{
					...{ title: 'Pauses, comparisons, closing', unit: 'none', width: 8, about: 'What stands in the way of quoting.' },
					ask: [
						{ expr: 'max(risk_paused{instance=~"$instance"})', legend: 'paused' },
						{ expr: 'max(mm_comparing{instance=~"$instance"})', legend: 'comparing' },
						{ expr: 'max(mm_flattening{instance=~"$instance"})', legend: 'closing positions' },
						{ expr: 'sum(mm_symbol_held{instance=~"$instance"})', legend: 'symbols held' },
						{ expr: 'sum(increase(mm_pauses_total{instance=~"$instance"}[$__rate_interval]))', legend: 'new pauses' },
					],
				},
				{
					...{
						title: 'Comparisons with the venue',
						unit: 'short',
						width: 8,
						about: 'What they found, and how long ago the last one was.',
					},
					ask: [
						{
							expr: 'sum by (exchange, result) (increase(mm_reconciliations_total{exchange=~"$exchange"}[$__rate_interval]))',
							legend: '{{exchange}} {{result}}',
						},
						{
							expr: 'sum by (exchange) (increase(mm_reconciliation_fixes_total{exchange=~"$exchange"}[$__rate_interval]))',
							legend: '{{exchange}} put right',
						},
						{
							expr: 'max by (exchange) (mm_reconciliation_age_seconds{exchange=~"$exchange"})',
							legend: '{{exchange}} seconds ago',
						},
						{ expr: 'sum by (exchange) (mm_foreign_orders{exchange=~"$exchange"})', legend: '{{exchange}} orders of others' },
					],
				},
				{
					...{
						title: 'Alerts',
						unit: 'short',
						width: 8,
						about: 'Raised by the engine, by their code; docs/runbooks.md has a chapter for each.',
					},
					ask: [
						{ expr: 'sum by (code) (mm_alerts{instance=~"$instance"}) > 0', legend: '{{code}}' },
						{
							expr: 'sum by (code) (increase(mm_alerts_total{instance=~"$instance"}[$__rate_interval])) > 0',
							legend: 'new {{code}}',
						},
					],
				},
			],
		},
		{
			title: 'Exchanges',
			panels: [
				{
					...{ title: 'REST errors', unit: 'cps', width: 8, about: 'Calls without an answer to what was asked.' },
					ask: [
						{
							expr: 'sum by (exchange) (rate(rest_error_rate{exchange=~"$exchange"}[$__rate_interval]))',
							legend: '{{exchange}}',
						},
					],
				},
				{
					...{
						title: 'Streams',
						unit: 'none',
						width: 8,
						about: '1 while they are up; with the number of times that one came back, and books that were read anew.',
					},
					ask: [
						{ expr: 'mm_stream_up{exchange=~"$exchange"}', legend: '{{exchange}} {{stream}}' },
						{
							expr: 'sum by (exchange) (increase(ws_reconnects_total{exchange=~"$exchange"}[$__rate_interval]))',
							legend: '{{exchange}} reconnects',
						},
						{
							expr: 'sum by (exchange) (increase(mm_books_lost_total{exchange=~"$exchange"}[$__rate_interval]))',
							legend: '{{exchange}} books lost',
						},
					],
				},
				{
					...{
						title: 'Rate budget left',
						unit: 'percentunit',
						width: 8,
						min: 0,
						max: 1,
						about: 'Of what the exchange grants; below zero it would refuse.',
					},
					ask: [{ expr: 'mm_rate_budget_left_ratio{exchange=~"$exchange"}', legend: '{{exchange}} {{limit}}' }],
				},
				{
					...{ title: 'One too many', unit: 'cps', width: 6, about: 'Requests that the exchange refused for its rate limits.' },
					ask: [
						{
							expr: 'sum by (exchange) (rate(mm_rate_refusals_total{exchange=~"$exchange"}[$__rate_interval]))',
							legend: '{{exchange}}',
						},
					],
				},
				{
					...{ title: 'Clock', unit: 's', width: 6, about: 'How far the clock of the exchange is ahead of ours.' },
					ask: [{ expr: 'mm_clock_offset_seconds{exchange=~"$exchange"}', legend: '{{exchange}}' }],
				},
				{
					...{
						title: 'Circuit breakers',
						unit: 'none',
						width: 6,
						about: 'Of reads: 0 closed, 1 probing, 2 open. Those that are not closed.',
					},
					ask: [{ expr: 'mm_breaker_state{exchange=~"$exchange"} > 0', legend: '{{exchange}} {{endpoint}}' }],
				},
				{
					...{
						title: 'Connections',
						unit: 'short',
						width: 6,
						about: 'Of the HTTP pools, those that wait for one, and those turned away.',
					},
					ask: [
						{ expr: 'sum by (pool, state) (mm_pool_connections{instance=~"$instance"})', legend: '{{pool}} {{state}}' },
						{ expr: 'sum by (pool) (mm_pool_waiting{instance=~"$instance"})', legend: '{{pool}} waiting' },
						{
							expr: 'sum by (pool) (increase(mm_pool_exhausted_total{instance=~"$instance"}[$__rate_interval]))',
							legend: '{{pool}} turned away',
						},
					],
				},
			],
		},
		{
			title: 'Process',
			panels: [
				{
					...{ title: 'Event loop', unit: 's', width: 6, about: 'How late it was, of ten seconds each.' },
					ask: [
						{ expr: 'max by (stat) (mm_event_loop_delay_seconds{instance=~"$instance"})', legend: '{{stat}}' },
						{ expr: 'sum(increase(mm_loop_stalls_total{instance=~"$instance"}[$__rate_interval]))', legend: 'stalls' },
					],
				},
				{
					...{
						title: 'Journal',
						unit: 's',
						width: 6,
						about: 'How long the oldest commit is under way; and those that the disk refused.',
					},
					ask: [
						{ expr: 'max(mm_journal_lag_seconds{instance=~"$instance"})', legend: 'lag' },
						{ expr: 'sum(increase(mm_journal_failures_total{instance=~"$instance"}[$__rate_interval]))', legend: 'refused' },
					],
				},
				{
					...{ title: 'Memory', unit: 'bytes', width: 6, about: 'Of the process, and of JavaScript in it.' },
					ask: [
						{ expr: 'process_resident_memory_bytes{instance=~"$instance"}', legend: 'process' },
						{ expr: 'nodejs_heap_size_used_bytes{instance=~"$instance"}', legend: 'JavaScript' },
					],
				},
				{
					...{ title: 'Processor', unit: 'percentunit', width: 6, about: 'One core is 100 %.' },
					ask: [{ expr: 'rate(process_cpu_seconds_total{instance=~"$instance"}[$__rate_interval])', legend: 'cores' }],
				},
				{
					...{ title: 'Outlets', unit: 'short', width: 12, about: 'What waits for InfluxDB, what was lost, and who is away.' },
					ask: [
						{ expr: 'mm_outlet_waiting{instance=~"$instance"}', legend: '{{outlet}} waiting' },
						{ expr: 'increase(mm_outlet_lost_total{instance=~"$instance"}[$__rate_interval])', legend: '{{outlet}} lost' },
						{ expr: 'mm_outlet_away{instance=~"$instance"}', legend: '{{outlet}} away' },
					],
				},
				{
					...{ title: 'Up since', unit: 'dateTimeFromNow', width: 12, height: 8, kind: 'figure', about: 'A restart is a step.' },
					ask: [{ expr: '1000 * process_start_time_seconds{instance=~"$instance"}', legend: '{{instance}}' }],
				},
			],
		},
	],
};
