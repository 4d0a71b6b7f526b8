/** A child that says nothing and ends with its parent. */
process.on('message', () => undefined);
process.on('disconnect', () => process.exit(0));
