/** What the feed reported of its loss, to follow another text; empty for a feed that was only silent. */
export function reportedLoss({ reason }: { readonly reason?: string | undefined }): string {
  return reason === undefined ? '' : `; the feed reports: ${reason}`;
}
