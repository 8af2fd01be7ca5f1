// Has one of the bugs of __test__/addon/src/planted.rs: `useAfterFree` or `dataRace`.
import { addon } from '../support/addon.mjs';

addon[process.argv[2]]();
