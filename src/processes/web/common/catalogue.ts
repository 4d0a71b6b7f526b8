import { RequestMethod, type INestApplication } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { invariant } from '../../../kernel/errors.js';
import { ACCESS_KEY, ANSWER_KEY, demandsProof, PROOF_KEY, ROUTE_GROUP_KEY, type Access } from './access.js';
import type { AnswerFacts } from './answers.js';
import { FormPipe, PathPipe } from './input.js';
import type { RouteGroup } from './route-availability.js';

/** One endpoint, as declared by its decorators. */
export interface Endpoint {
  /** `GET`, `POST` ... */
  readonly method: string;
  /** `/api/users/:id`. */
  readonly path: string;
  /** `UsersController.list`, for messages. */
  readonly name: string;
  readonly access: Access;
  readonly part: RouteGroup;
  /** Whether a fresh proof of the password is needed, which a personal access token never has. */
  readonly proof: boolean;
  readonly hasBody: boolean;
  /** Body, query or path. */
  readonly hasInput: boolean;
  readonly answer: AnswerFacts;
}

type Handler = (...args: never[]) => unknown;
type Target = abstract new (...args: never[]) => object;

/** Kinds of arguments that come from outside, by Nest's numbers: body, query, path. */
const OUTSIDE: ReadonlySet<number> = new Set([3, 4, 5]);
const BODY = 3;

/**
 * Every endpoint of the application. An endpoint without access, part or answer, or with an argument from outside that no
 * pipe checks, is a defect: throws LogicError ENDPOINT_UNDECLARED that names all of them, and the web does not start
 * (SEC-12).
 */
export function catalogueOf(app: INestApplication): readonly Endpoint[] {
  const faults: string[] = [];
  const endpoints = [...app.get(ModulesContainer).values()]
    .flatMap((module) => [...module.controllers.values()])
    .flatMap((wrapper) => endpointsOf(wrapper.metatype as Target, faults));
  invariant(faults.length === 0, 'ENDPOINT_UNDECLARED', `endpoints without their declarations: ${faults.join('; ')}`);
  return endpoints.sort((a, b) => (a.path === b.path ? compare(a.method, b.method) : compare(a.path, b.path)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function endpointsOf(target: Target, faults: string[]): readonly Endpoint[] {
  const prototype = target.prototype as Readonly<Record<string, Handler>>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((key) => {
    const handler = prototype[key];
    const path: unknown = handler === undefined ? undefined : Reflect.getMetadata(PATH_METADATA, handler);
    if (handler === undefined || path === undefined) return [];
    const name = `${target.name}.${key}`;
    const access = declared<Access>(ACCESS_KEY, handler, target);
    const part = declared<RouteGroup>(ROUTE_GROUP_KEY, handler, target);
    const answer = declared<AnswerFacts>(ANSWER_KEY, handler, target);
    if (access === undefined) faults.push(`${name} has neither @Needs nor @BySetupToken nor @Public`);
    if (part === undefined) faults.push(`${name} has no @ServedIn`);
    if (answer === undefined) faults.push(`${name} has no @Answers`);
    const args = argumentsOf(target, key);
    if (args.some(isUnchecked)) faults.push(`${name} has an argument without @Input, @QueryInput or @PathInput`);
    if (access === undefined || part === undefined || answer === undefined) return [];
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number] ?? 'ALL';
    const proof = demandsProof(access, method, declared<string>(PROOF_KEY, handler, target));
    const facts = { method, name, access, part, proof, answer, ...inputsOf(args) };
    const bases = listOf(Reflect.getMetadata(PATH_METADATA, target));
    return bases.flatMap((base) => listOf(path).map((own) => ({ ...facts, path: joined(base, own) })));
  });
}

function declared<T>(key: string, handler: Handler, target: Target): T | undefined {
  return (Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, target)) as T | undefined;
}

function listOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map((item) => String(item));
}

function joined(base: string, own: string): string {
  const parts = [...base.split('/'), ...own.split('/')].filter((part) => part !== '');
  return `/${parts.join('/')}`;
}

interface Argument {
  readonly kind: number;
  readonly pipes: readonly unknown[];
}

function argumentsOf(target: Target, key: string): readonly Argument[] {
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, target, key) ?? {}) as Readonly<
    Record<string, { readonly pipes?: readonly unknown[] }>
  >;
  return Object.entries(args).map(([name, { pipes = [] }]) => ({ kind: Number(name.split(':')[0]), pipes }));
}

function inputsOf(args: readonly Argument[]): Pick<Endpoint, 'hasBody' | 'hasInput'> {
  return { hasBody: args.some(({ kind }) => kind === BODY), hasInput: args.some(({ kind }) => OUTSIDE.has(kind)) };
}

/** Whether the method of a controller takes a body, as its description says. */
export function takesBody(target: Target, key: string): boolean {
  return inputsOf(argumentsOf(target, key)).hasBody;
}

function isUnchecked({ kind, pipes }: Argument): boolean {
  return OUTSIDE.has(kind) && !pipes.some((pipe) => pipe instanceof FormPipe || pipe instanceof PathPipe);
}

/** What methods a path answers: for requests that came with another one. */
export function methodsByPath(endpoints: readonly Endpoint[]): (path: string) => readonly string[] {
  const shapes = endpoints.map(({ path, method }) => ({ method, shape: shapeOf(path) }));
  return (path) => [...new Set(shapes.filter(({ shape }) => shape.test(path)).map(({ method }) => method))];
}

function shapeOf(path: string): RegExp {
  return new RegExp(`^${path.split('/').map(partShape).join('/')}/?$`);
}

/** `:id` is one part of a path, `*path` is the rest of it. */
function partShape(part: string): string {
  if (part.startsWith(':')) return '[^/]+';
  return part.startsWith('*') ? '.+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
