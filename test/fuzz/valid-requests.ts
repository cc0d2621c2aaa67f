/**
 * One valid request, at least, of every REST endpoint and every socket operation: what mutations start from. The suite
 * checks that each of them is taken in as it stands, and that no endpoint of the box is missing here.
 */
import { type FuzzedBox, START_MS } from './fuzzed-box.ts';

type Members = Readonly<Record<string, unknown>>;

export interface ValidRequest {
	readonly method: 'GET' | 'POST';
	readonly path: string;
	readonly members: (box: FuzzedBox) => Members;
	/** What a box without the feature behind it answers instead of 0. */
	readonly retCode?: number;
}

export interface ValidFrame {
	readonly op: string;
	readonly frame: (box: FuzzedBox) => Members;
}

export type SocketKind = 'public' | 'private' | 'trade';

const DAY_MS = 86_400_000;
const LINEAR = { category: 'linear', symbol: 'BTCUSDT' } as const;
const SPOT = { category: 'spot', symbol: 'BTCUSDT' } as const;
const SPAN = { startTime: String(START_MS - DAY_MS), endTime: String(START_MS + DAY_MS), limit: '20', cursor: '' } as const;

const ORDER = { symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.010', price: '64000.0', timeInForce: 'GTC' } as const;
const NAMED = { reduceOnly: false, closeOnTrigger: false, positionIdx: 0, smpType: 'None' } as const;

const ORDERS: readonly (readonly [operation: string, members: (box: FuzzedBox) => Members])[] = [
	['create', (box) => ({ category: 'linear', ...ORDER, ...NAMED, orderLinkId: box.nextLinkId() })],
	['create', (box) => ({ category: 'spot', ...ORDER, orderLinkId: box.nextLinkId(), orderFilter: 'Order', isLeverage: 0 })],
	['create', () => ({ ...LINEAR, side: 'Sell', orderType: 'Market', qty: '0.001' })],
	['create', () => ({ ...SPOT, side: 'Sell', orderType: 'Market', qty: '0.001', marketUnit: 'baseCoin' })],
	['amend', (box) => ({ ...LINEAR, orderId: box.resting('linear').orderId, qty: nextQty(box), price: '64000.1' })],
	['amend', (box) => ({ ...SPOT, orderLinkId: box.resting('spot').orderLinkId, qty: nextQty(box) })],
	['cancel', (box) => ({ ...LINEAR, orderId: box.resting('linear').orderId })],
	['cancel', (box) => ({ ...SPOT, orderLinkId: box.resting('spot').orderLinkId, orderFilter: 'Order' })],
	[
		'create-batch',
		(box) => ({ category: 'linear', request: [1, 2, 3].map(() => ({ ...ORDER, orderLinkId: box.nextLinkId() })) }),
	],
	['create-batch', (box) => ({ category: 'spot', request: [1, 2].map(() => ({ ...ORDER, orderLinkId: box.nextLinkId() })) })],
	['amend-batch', (box) => batch(box, 'linear', { qty: nextQty(box) })],
	['amend-batch', (box) => batch(box, 'spot', { qty: nextQty(box) })],
	['cancel-batch', (box) => batch(box, 'linear', {})],
	['cancel-batch', (box) => batch(box, 'spot', {})],
];

export const VALID_REQUESTS: readonly ValidRequest[] = [
	...ORDERS.map(([operation, members]) => ({ method: 'POST' as const, path: `/v5/order/${operation}`, members })),
	post('order/cancel-all', (box) => (box.resting('linear'), { category: 'linear', settleCoin: 'USDT' })),
	post('order/cancel-all', (box) => (box.resting('spot'), { ...SPOT, orderFilter: 'Order' })),
	post('order/disconnected-cancel-all', () => ({ product: 'DERIVATIVES', timeWindow: 40 })),
	post('position/set-leverage', (box) => leverage(String(2 + (box.nowMs % 40)))),
	{ ...post('position/switch-mode', () => ({ ...LINEAR, mode: 0 })), retCode: 110025 },
	post('account/set-margin-mode', () => ({ setMarginMode: 'REGULAR_MARGIN' })),
	post('account/set-limit-px-action', () => ({ category: 'linear', modifyEnable: true })),
	get('market/time', () => ({})),
	get('market/instruments-info', () => ({ ...LINEAR, status: 'Trading', limit: '10', cursor: '', baseCoin: 'BTC' })),
	get('market/tickers', () => LINEAR),
	get('market/orderbook', () => ({ ...SPOT, limit: '50' })),
	get('market/kline', () => ({ ...LINEAR, interval: '1', start: String(START_MS - DAY_MS), end: String(START_MS), limit: '5' })),
	get('market/recent-trade', () => ({ ...LINEAR, limit: '5' })),
	get('market/price-limit', () => LINEAR),
	get('order/realtime', (box) => ({ ...LINEAR, orderId: box.resting('linear').orderId, openOnly: '0', limit: '50' })),
	get('order/realtime', () => ({ category: 'linear', settleCoin: 'USDT', openOnly: '1', limit: '50', cursor: '' })),
	get('order/history', () => ({ ...LINEAR, ...SPAN, orderStatus: 'Cancelled', orderFilter: 'Order' })),
	get('order/history', (box) => ({ category: 'spot', orderLinkId: box.resting('spot').orderLinkId })),
	get('execution/list', () => ({ ...LINEAR, ...SPAN, execType: 'Trade' })),
	get('execution/list', (box) => ({ category: 'linear', orderId: box.resting('linear').orderId, limit: '100' })),
	get('position/list', () => ({ category: 'linear', settleCoin: 'USDT', limit: '20', cursor: '' })),
	get('position/closed-pnl', () => ({ ...LINEAR, ...SPAN })),
	get('account/wallet-balance', () => ({ accountType: 'UNIFIED', coin: 'USDT,BTC' })),
	get('account/fee-rate', () => ({ ...LINEAR, baseCoin: 'BTC' })),
	get('account/info', () => ({})),
	get('account/query-dcp-info', () => ({})),
	get('user/query-api', () => ({})),
	get('asset/coin/query-info', () => ({ coin: 'BTC' })),
];

const PUBLIC_TOPICS = [
	'orderbook.50.BTCUSDT',
	'orderbook.1.ETHUSDT',
	'publicTrade.BTCUSDT',
	'tickers.BTCUSDT',
	'kline.1.BTCUSDT',
];
const PRIVATE_TOPICS = ['order', 'execution', 'position', 'wallet', 'execution.fast.linear'];

const PING: ValidFrame = { op: 'ping', frame: () => ({ op: 'ping', req_id: 'p-1' }) };
const AUTH: ValidFrame = { op: 'auth', frame: (box) => ({ op: 'auth', reqId: 'a-1', args: box.credentials() }) };

export const VALID_FRAMES: Readonly<Record<SocketKind, readonly ValidFrame[]>> = {
	public: [PING, ...topics(PUBLIC_TOPICS)],
	private: [PING, AUTH, ...topics(PRIVATE_TOPICS)],
	trade: [PING, AUTH, ...ORDERS.map(([operation, members]) => tradeFrame(`order.${operation}`, members))],
};

function post(name: string, members: ValidRequest['members']): ValidRequest {
	return { method: 'POST', path: `/v5/${name}`, members };
}

function get(name: string, members: ValidRequest['members']): ValidRequest {
	return { method: 'GET', path: `/v5/${name}`, members };
}

function topics(names: readonly string[]): ValidFrame[] {
	return [
		{ op: 'subscribe', frame: (box) => ({ op: 'subscribe', req_id: box.nextLinkId(), args: names }) },
		{ op: 'unsubscribe', frame: (box) => ({ op: 'unsubscribe', req_id: box.nextLinkId(), args: names.slice(0, 2) }) },
	];
}

function tradeFrame(op: string, members: (box: FuzzedBox) => Members): ValidFrame {
	const header = ({ nowMs }: FuzzedBox) => ({ 'X-BAPI-TIMESTAMP': String(nowMs), 'X-BAPI-RECV-WINDOW': '5000' });
	return { op, frame: (box) => ({ op, reqId: box.nextLinkId(), header: header(box), args: [members(box)] }) };
}

/** Two orders, of which the second does not exist. */
function batch(box: FuzzedBox, category: 'linear' | 'spot', change: Members): Members {
	const { orderId } = box.resting(category);
	const request = [{ orderId }, { orderLinkId: 'nobody' }].map((name) => ({ symbol: 'BTCUSDT', ...name, ...change }));
	return { category, request };
}

function leverage(text: string): Members {
	return { category: 'linear', symbol: 'ETHUSDT', buyLeverage: text, sellLeverage: text };
}

/** Never the same twice in a row. */
function nextQty(box: FuzzedBox): string {
	const number = Number(box.nextLinkId().slice('fuzz-'.length));
	return `0.0${10 + (number % 80)}`;
}
