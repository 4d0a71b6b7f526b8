import type * as OpenApi from '@nestjs/swagger';

/**
 * What OpenAPI says of classes, methods and members. It is noted here and read when the description is asked for first:
 * most runs of the web describe nothing, and the package that does it is a fifth of their start.
 */
type Api = typeof OpenApi;

const noted: ((api: Api) => void)[] = [];

/** Says in OpenAPI to which group the endpoints of a class belong. */
export function Tag(name: string): ClassDecorator {
  return (target) => void noted.push((api) => api.ApiTags(name)(target));
}

/** Leaves the endpoints of a class out of OpenAPI. */
export function NotDescribed(): ClassDecorator {
  return (target) => void noted.push((api) => api.ApiExcludeController()(target));
}

/** Describes a method in OpenAPI. */
export function DescribedMethod(make: (api: Api) => readonly MethodDecorator[]): MethodDecorator {
  return (target, key, descriptor) =>
    void noted.push((api) => make(api).forEach((decorate) => void decorate(target, key, descriptor)));
}

/** Describes a member of a body, a query or an answer in OpenAPI. */
export function DescribedMember(make: (api: Api) => PropertyDecorator): PropertyDecorator {
  return (target, key) => void noted.push((api) => make(api)(target, key));
}

/** Applies what was noted since the last call. */
export function applyDescriptions(api: Api): void {
  for (const apply of noted.splice(0)) apply(api);
}
