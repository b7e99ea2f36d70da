import type { RouteRule } from '../core/route.ts';
import { tr } from '../core/tr.ts';
import { kubectl } from './reading/kubectl.ts';
import { namedOnRoute } from './route/named.ts';
import { askedService } from './route/services.ts';

/** A health check names a Service that the namespace does not have. Values: service. */
export const serviceMissing: RouteRule = {
  cause: 'service-missing',
  detect: (route) => {
    const { services } = route;
    if (!services) return [];
    const names = services.map(({ metadata }) => metadata.name).toSorted();
    const asked = new Set(route.checks.flatMap((check) => askedService(route, check)?.name ?? []));
    return [...asked]
      .filter((name) => !names.includes(name))
      .map((name) =>
        namedOnRoute('service-missing', {
          object: `service/${name}`,
          values: { service: `service/${name}` },
          evidence: [tr`Services of namespace ${route.namespace}: ${names.slice(0, 20).join(', ') || tr`none`}`],
          command: kubectl(route, 'get', 'services'),
        }),
      );
  },
};
