/**
 * Every code with which Bybit refuses, what it says in words, and what kind of failure it is for an order call. Kept as
 * data, so that the page in docs/venues/bybit.md and the tests walk the same list. How a class becomes an outcome, and
 * what reads make of it, is in errors.ts.
 */
import type { FailureClass } from '../../domain/outcome.ts';

export interface ErrorRow {
	readonly code: number;
	readonly meaning: string;
	readonly order: FailureClass;
	/** "No such order" on a cancel, an amend or a query: no proof of how it ended (F21, F23). */
	readonly gone?: true;
}

type Plain = readonly [code: number, meaning: string];

const GENERAL: readonly ErrorRow[] = [
	...all('clock', [
		[-1, 'request expired'],
		[10002, 'timestamp outside of the window'],
	]),
	...all('ambiguous', [
		[429, 'trading service overloaded'],
		[10000, 'server timeout'],
		[10014, 'duplicate request: the first may be in work'],
		[10016, 'server error, or the service restarts'],
		[20006, 'repeated request id: the first may be in work'],
		[40004, 'order changed while it was replaced'],
		[500000, 'internal error'],
	]),
	...all('auth', [
		[-2015, 'API key expired (spot)'],
		[10003, 'API key invalid, or of another environment'],
		[10004, 'wrong signature'],
		[10005, 'permission denied'],
		[10007, 'user authentication failed'],
		[10008, 'account banned, or of another mode'],
		[10009, 'region or address banned'],
		[10010, 'address not on the list of the API key'],
		[10024, 'stopped by compliance rules'],
		[10027, 'transactions banned'],
		[33004, 'API key expired (derivatives)'],
	]),
	...all('rate-limited', [
		[10006, 'too many requests of this kind'],
		[10018, 'too many requests from this address (old code)'],
		[10403, 'too many requests from this address on the trade socket'],
		[10429, 'system protection against too many requests'],
		[20003, 'too many requests in one session'],
	]),
	...all('fatal', [
		[10001, 'parameter error'],
		[10017, 'route not found'],
		[10028, 'for unified accounts only'],
		[10029, 'symbol invalid or not allowed'],
		[10404, 'operation unknown or category not supported'],
	]),
	...all('transient', [[10019, 'trade socket restarts: no new requests']]),
	...all('benign', [[20001, 'trade socket is logged in already']]),
];

const DERIVATIVES: readonly ErrorRow[] = [
	...gone([
		[110001, 'order does not exist, or too late'],
		[110008, 'order filled or cancelled already'],
		[110010, 'order cancelled already'],
	]),
	// An earlier attempt with this id exists, so what became of it is looked up (F08).
	...all('ambiguous', [
		[110030, 'duplicate order id'],
		[110072, 'duplicate client order id'],
	]),
	...all('benign', [
		[34040, 'not modified'],
		[110025, 'position mode not modified'],
		[110026, 'margin mode not modified'],
		[110027, 'margin not modified'],
		[110043, 'leverage not modified'],
	]),
	...all('transient', [
		[110005, 'position status does not allow it'],
		[110063, 'settlement is running'],
		[110079, 'order is being processed'],
		[110118, 'no price for a market order: book too thin'],
	]),
	...all('auth', [
		[110123, 'terms not accepted'],
		[110124, 'not allowed for this account'],
		[110125, 'cooling-off period'],
		[110132, 'not offered in this region'],
		[110136, 'account not on the list for this symbol'],
	]),
	...all('fatal', [
		[30208, 'buy price above the allowed range'],
		[30209, 'sell price below the allowed range'],
		[30228, 'only reducing orders: symbol is being delisted'],
		[110003, 'price outside of the allowed range'],
		[110004, 'wallet balance insufficient'],
		[110006, 'assets below the maintenance of the position'],
		[110007, 'available balance insufficient'],
		[110009, 'too many stop orders'],
		[110011, 'would cause a liquidation'],
		[110012, 'available balance insufficient'],
		[110013, 'leverage refused by the risk limit'],
		[110014, 'available balance insufficient for more margin'],
		[110017, 'nothing to reduce, or quantity cut to zero'],
		[110018, 'user id illegal'],
		[110019, 'order id illegal'],
		[110020, 'more than 500 open orders'],
		[110021, 'position limit by open interest'],
		[110022, 'only reducing orders: account restricted'],
		[110023, 'only reducing orders: symbol restricted'],
		[110024, 'position open: mode cannot be switched'],
		[110028, 'orders open: mode cannot be switched'],
		[110029, 'mode not offered for the symbol'],
		[110032, 'order illegal'],
		[110039, 'would cause a liquidation'],
		[110040, 'would cause a liquidation'],
		[110042, 'only reducing orders'],
		[110044, 'available margin insufficient'],
		[110045, 'wallet balance insufficient'],
		[110046, 'would cause a liquidation'],
		[110049, 'tick is no number'],
		[110051, 'available balance insufficient for the price limit'],
		[110052, 'available balance insufficient'],
		[110053, 'available balance insufficient for the fees'],
		[110064, 'new quantity not above the filled one'],
		[110066, 'trading not allowed now'],
		[110074, 'contract not live'],
		[110085, 'risk limit refused'],
		[110086, 'risk limit unchanged or refused'],
		[110089, 'exceeds the highest risk limit'],
		[110090, 'leverage too high for the risk limit'],
		[110092, 'trigger price not above the market'],
		[110093, 'trigger price not below the market'],
		[110094, 'order value below the minimum'],
		[110095, 'not allowed in the opening auction'],
		[110098, 'not allowed in the opening auction'],
		[110099, 'not allowed in the opening auction'],
		[110100, 'not allowed in the opening auction'],
		[110103, 'only post-only orders at this stage'],
		[110108, 'slippage tolerance outside of its range'],
		[110109, 'slippage tolerance outside of its range'],
		[110119, 'retail price improvement not permitted'],
		[110120, 'price outside of the allowed range'],
		[110121, 'price outside of the allowed range'],
	]),
];

const SPOT: readonly ErrorRow[] = [
	...gone([
		[170139, 'order filled already'],
		[170142, 'order cancelled already'],
		[170143, 'order not on the book'],
		[170190, 'cancel finished already'],
		[170213, 'order does not exist'],
	]),
	...all('ambiguous', [[170141, 'duplicate client order id']]),
	...all('benign', [[170212, 'cancel in progress']]),
	...all('ambiguous', [
		[170001, 'internal error'],
		[170007, 'timeout of the backend'],
		[170032, 'network error'],
		[170035, 'handed in and being processed'],
		[170146, 'order creation timed out'],
		[170147, 'order cancellation timed out'],
		[170149, 'order creation failed'],
		[170150, 'order cancellation failed'],
		[170234, 'system error'],
		[170310, 'order change timed out'],
		[170311, 'order change failed'],
	]),
	...all('rate-limited', [
		[170005, 'too many new orders'],
		[170222, 'too many requests'],
	]),
	...all('transient', [
		[170144, 'order locked'],
		[170191, 'order cannot be cancelled now'],
	]),
	...all('fatal', [
		[170031, 'feature suspended'],
		[170033, 'balance insufficient for margin trading'],
		[170034, 'liability too high'],
		[170036, 'margin trading off'],
		[170037, 'margin trading not allowed'],
		[170105, 'parameter empty'],
		[170115, 'time in force invalid'],
		[170116, 'order type invalid'],
		[170117, 'side invalid'],
		[170121, 'symbol invalid'],
		[170124, 'quantity or amount too large'],
		[170130, 'value of a parameter invalid'],
		[170131, 'balance insufficient'],
		[170132, 'price too high'],
		[170133, 'price too low'],
		[170134, 'price has too many decimals'],
		[170135, 'quantity too large'],
		[170136, 'quantity below the minimum'],
		[170137, 'quantity has too many decimals'],
		[170140, 'order value below the minimum'],
		[170145, 'type of order cannot be cancelled'],
		[170148, 'amount has too many decimals'],
		[170151, 'trading pair not open'],
		[170157, 'trading pair not open to programs'],
		[170159, 'no market orders in the opening phase'],
		[170192, 'price too low for this phase'],
		[170193, 'buy price above the limit'],
		[170194, 'sell price below the limit'],
		[170197, 'quantity of a market order too large'],
		[170198, 'quantity of a limit order too large'],
		[170201, 'order filter invalid'],
		[170202, 'trigger price invalid'],
		[170203, 'trigger price missing'],
		[170204, 'trigger price not allowed'],
		[170210, 'new order rejected'],
		[170217, 'only post-only orders at this stage'],
		[170218, 'post-only order refused for its price'],
		[170221, 'coin does not exist'],
		[170227, 'feature not supported'],
		[170228, 'buy value too large'],
		[170229, 'quantity too large'],
		[170312, 'type of order cannot be changed'],
		[170313, 'new quantity below the filled one'],
		[170341, 'too many orders for this symbol'],
		[170344, 'symbol not for margin trading'],
		[170355, 'retail price improvement not permitted'],
		[170371, 'price outside of the allowed range'],
		[170372, 'price outside of the allowed range'],
		[170381, 'order amount too large'],
		[170382, 'order quantity too large'],
		[170810, 'more than 500 open orders'],
	]),
];

export const ERROR_ROWS: readonly ErrorRow[] = [...GENERAL, ...DERIVATIVES, ...SPOT];

/**
 * Refusals that say that our picture of the symbol is old: a filter, a limit or its status has changed (F59, F61). The
 * instruments are read anew after any of them. A parameter error is among them: our requests are well formed, so what
 * the venue dislikes about one is its price or its quantity.
 */
export const FILTER_CODES: ReadonlySet<number> = new Set([
	10001, 10029, 30208, 30209, 30228, 110003, 110023, 110042, 110066, 110074, 110094, 110120, 110121, 170121, 170124, 170130,
	170132, 170133, 170134, 170135, 170136, 170137, 170140, 170148, 170151, 170157, 170192, 170193, 170194, 170197, 170198, 170228,
	170229, 170371, 170372, 170381, 170382,
]);

function all(order: FailureClass, rows: readonly Plain[]): ErrorRow[] {
	return rows.map(([code, meaning]) => ({ code, meaning, order }));
}

function gone(rows: readonly Plain[]): ErrorRow[] {
	return rows.map(([code, meaning]) => ({ code, meaning, order: 'benign', gone: true }));
}
