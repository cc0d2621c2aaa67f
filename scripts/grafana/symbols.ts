/** Every symbol beside the others: prices, our quotes, what is held and earned. */
import type { BoardPlan, PanelPlan } from './board.ts';

function bySymbol(title: string, unit: string, expr: string, about: string): PanelPlan {
	return { title, unit, width: 8, about, ask: [{ expr, legend: expr.includes('side') ? '{{symbol}} {{side}}' : '{{symbol}}' }] };
}

export const SYMBOLS: BoardPlan = {
	uid: 'evenkeel_symbols',
	title: 'Evenkeel: symbols',
	about: 'All symbols, or those that are chosen above.',
	choices: [{ name: 'symbol', metric: 'mm_book_trusted' }],
	rows: [
		{
			title: 'Quotes',
			panels: [
				bySymbol(
					'Both sides stood',
					'percentunit',
					'mm_quote_uptime_ratio{symbol=~"$symbol"}',
					'Share of the time since the start.',
				),
				bySymbol(
					'Quoting now',
					'none',
					'sum by (symbol, side) (mm_quoting{symbol=~"$symbol"})',
					'1 while an order of ours stands on this side.',
				),
				bySymbol('Open orders', 'short', 'sum by (symbol, side) (mm_open_orders{symbol=~"$symbol"})', 'Ours, by side.'),
				bySymbol(
					'Our spread',
					'short',
					'mm_quote_spread_bps{symbol=~"$symbol"}',
					'From our best bid to our best ask, in basis points.',
				),
				bySymbol('Market spread', 'short', 'mm_market_spread_bps{symbol=~"$symbol"}', 'Of the book, in basis points.'),
				bySymbol('Middle of the book', 'short', 'mm_mid_price{symbol=~"$symbol"}', 'In the quote currency.'),
			],
		},
		{
			title: 'What came of it',
			panels: [
				bySymbol(
					'Profit',
					'short',
					'mm_symbol_pnl{symbol=~"$symbol"}',
					'With fees and funding, in the currency that it settles in.',
				),
				bySymbol('Inventory', 'short', 'mm_inventory{symbol=~"$symbol"}', 'In the base currency.'),
				bySymbol('Inventory, worth', 'short', 'mm_inventory_notional{symbol=~"$symbol"}', 'In the currency that it settles in.'),
				bySymbol(
					'Fills a minute',
					'short',
					'60 * sum by (symbol, side) (rate(mm_fills_total{symbol=~"$symbol"}[$__rate_interval]))',
					'Executions, by side.',
				),
				{
					...{ title: 'Makers', unit: 'percentunit', width: 8, about: 'Share of executions in which our order stood first.' },
					ask: [
						{
							expr: 'sum by (symbol) (rate(mm_fills_total{liquidity="maker", symbol=~"$symbol"}[$__rate_interval])) / sum by (symbol) (rate(mm_fills_total{symbol=~"$symbol"}[$__rate_interval]))',
							legend: '{{symbol}}',
						},
					],
				},
				bySymbol(
					'Turnover a minute',
					'short',
					'60 * rate(mm_fill_volume_total{symbol=~"$symbol"}[$__rate_interval])',
					'In the quote currency.',
				),
			],
		},
		{
			title: 'What stands in the way',
			panels: [
				bySymbol(
					'Book age',
					's',
					'mm_book_age_seconds{symbol=~"$symbol"}',
					'Since the venue last confirmed the book as it is here.',
				),
				bySymbol(
					'Books that are not trusted',
					'none',
					'1 - mm_book_trusted{symbol=~"$symbol"}',
					'1 while it may not be quoted from.',
				),
				bySymbol(
					'Held',
					'none',
					'mm_symbol_held{symbol=~"$symbol"}',
					'1 while the symbol is not quoted for a reason of its own.',
				),
				bySymbol(
					'Failures of strategies',
					'short',
					'increase(mm_strategy_failures_total{symbol=~"$symbol"}[$__rate_interval])',
					'Times that a strategy threw.',
				),
			],
		},
	],
};
