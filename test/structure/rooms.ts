/**
 * The rooms of the house and which rooms each of them knows. Imports run along these arrows only, and enter another
 * room through a door.
 */

export interface Room {
  /** Its folder, or the file that it consists of. */
  readonly path: string;
  /** Rooms that it may import from. */
  readonly knows: readonly string[];
  /** Files through which others may enter; index.ts unless others are named. */
  readonly doors?: readonly string[];
}

/** The rooms at the bottom, which know the system contract and not each other. */
const ground = ['src/system', 'src/mail', 'src/control', 'src/manual'];

/** What runs on a hub may use Node's binding directly. */
const hubGround = [...ground, 'src/system/node', 'src/process', 'src/submit', 'src/queue'];

export const rooms: readonly Room[] = [
  { path: 'src/system', knows: [] },
  { path: 'src/system/node', knows: ['src/system'] },
  { path: 'src/tiny', knows: ['src/system'] },
  { path: 'qmqp', knows: ['src/system'] },
  { path: 'src/mail', knows: ['src/system'] },
  { path: 'src/control', knows: ['src/system'] },
  // Names, for a body without the C library's resolver.
  { path: 'src/resolver', knows: ['src/system', 'src/control'] },
  { path: 'src/manual', knows: ['src/system'] },
  { path: 'src/process', knows: ['src/system', 'src/system/node'] },
  { path: 'src/submit', knows: ['src/system', 'src/mail', 'src/control', 'qmqp'] },
  {
    path: 'src/queue',
    knows: ['src/system', 'src/system/node', 'src/mail', 'src/control', 'src/process'],
  },
  { path: 'src/cdb', knows: ['src/system', 'src/system/node'] },
  { path: 'src/send', knows: hubGround },
  // What qmail-send and those who deliver say to one another.
  {
    path: 'src/spawn',
    knows: ['src/system', 'src/system/node', 'src/mail', 'src/process', 'src/submit'],
  },
  { path: 'src/local', knows: [...hubGround, 'src/local/users', 'src/spawn'] },
  { path: 'src/local/users', knows: ['src/system', 'src/system/node', 'src/process', 'src/cdb'] },
  { path: 'src/qmtp', knows: ['src/system', 'qmqp'] },
  { path: 'src/dns', knows: ['src/system'] },
  // The one room that knows the library for signatures.
  { path: 'src/authenticate', knows: ['src/system', 'src/mail'] },
  { path: 'src/remote', knows: [...hubGround, 'src/spawn', 'src/authenticate', 'src/qmtp', 'src/dns'] },
  { path: 'src/alias', knows: [...ground, 'src/system/node', 'src/cdb', 'src/submit'] },
  {
    path: 'src/serve',
    knows: [
      ...hubGround,
      'qmqp',
      'src/qmtp',
      'src/cdb',
      'src/dns',
      'src/serve/passwords',
      'src/serve/pop3',
      'src/authenticate',
    ],
  },
  { path: 'src/serve/pop3', knows: ['src/system', 'src/system/node', 'src/mail'] },
  { path: 'src/serve/passwords', knows: ['src/system', 'src/system/node', 'src/control', 'src/process'] },
  { path: 'src/inject', knows: [...ground, 'src/submit'] },
  { path: 'src/satellite', doors: ['index.ts', 'later.ts'], knows: [...ground, 'src/submit', 'qmqp'] },
  {
    path: 'src/programs',
    knows: [
      ...hubGround,
      'src/tiny',
      'src/resolver',
      'qmqp',
      'src/cdb',
      'src/alias',
      'src/send',
      'src/spawn',
      'src/local',
      'src/local/users',
      'src/authenticate',
      'src/qmtp',
      'src/dns',
      'src/remote',
      'src/serve',
      'src/serve/passwords',
      'src/serve/pop3',
      'src/inject',
      'src/satellite',
    ],
    doors: ['hub-table.ts', 'satellite-table.ts', 'start-node.ts', 'start-tiny.ts', 'tiny-table.ts'],
  },
  { path: 'src/main.ts', knows: ['src/programs', 'src/submit'] },
  { path: 'src/main-satellite.ts', knows: ['src/programs', 'src/satellite'] },
  { path: 'src/main-tiny.ts', knows: ['src/programs', 'src/satellite', 'src/tiny'] },
];

/** The room that a file lies in: the innermost one. */
export function roomOf(file: string): Room | undefined {
  return rooms
    .filter((room) => file === room.path || file.startsWith(`${room.path}/`))
    .sort((one, other) => other.path.length - one.path.length)[0];
}

export function doorsOf(room: Room): readonly string[] {
  return (room.doors ?? ['index.ts']).map((door) => `${room.path}/${door}`);
}
