/** Starts the dashboard: enters the session that the address or a cookie carries, and shows the page that it names. */
import { render } from 'preact';
import './styles/base.css';
import './styles/parts.css';
import './styles/shell.css';
import './styles/pages.css';
import './store/theme.ts';
import { App } from './shell/app.tsx';
import { enter } from './store/session.ts';

const place = document.getElementById('app');
if (place !== null) render(<App />, place);
await enter();
