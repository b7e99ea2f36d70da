/** What an exec plugin of a kubeconfig is started with, as in `client.authentication.k8s.io`. */
export interface ExecPlugin {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly apiVersion?: string;
  readonly provideClusterInfo?: boolean;
  readonly installHint?: string;
}

/** How requests prove who sends them. Files are read when needed, so that a token that is rotated on disk stays valid. */
export type Credential =
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'tokenFile'; readonly path: string }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'exec'; readonly plugin: ExecPlugin }
  | { readonly type: 'none' };

/** One cluster as one user sees it: the chosen context of a kubeconfig, proven harmless, with every file already read. */
export interface ClusterAccess {
  readonly context: string;
  /** `https://host:port`, perhaps with a path (Rancher and the like). */
  readonly server: string;
  /** Namespace of the context; in a pod, the pod's own. */
  readonly namespace?: string;
  /** PEM. Without it the system's authorities are asked. */
  readonly ca?: string;
  readonly tlsServerName?: string;
  /** True only where `allow-insecure` names it. */
  readonly skipTlsVerify: boolean;
  readonly proxyUrl?: string;
  /** PEM. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  readonly credential: Credential;
  /** Headers that ask to act as somebody else (`as`, `as-groups`, `as-uid`). */
  readonly impersonation: Readonly<Record<string, string | readonly string[]>>;
  /** Everything in the kubeconfig that must not be seen, in each form in which it may turn up: to be masked before anything is logged. */
  readonly secrets: readonly string[];
}
