/** Some systems let somebody in only once a second. One after another, a thousand members would take them long; all at
 * once, the socket of a QUIC server does not hold the first packets of more than about ninety. */
const AT_ONCE = 16;

/** What `make` makes of 0 to `count` - 1, in that order. The first is made alone, since it may be what opens a room;
 * then so many are made at once. */
export async function madeAtOnce<Made>(
  count: number,
  make: (index: number) => Promise<Made>,
): Promise<Made[]> {
  const made: Made[] = [];
  if (count > 0) made[0] = await make(0);
  let next = 1;
  const oneByOne = async () => {
    for (let index = next++; index < count; index = next++) made[index] = await make(index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, oneByOne));
  return made;
}
