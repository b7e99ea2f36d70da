// The one door to undici in this folder, so that a bundle can load it as a piece of its own.
export { Agent, type Dispatcher, EnvHttpProxyAgent, ProxyAgent } from 'undici';
