// A thread that pushes while it exits: a worker in the role that it is given, or a process.
import { isMainThread, workerData } from 'node:worker_threads';
import { Channel } from '../../index.mjs';

const senderOf = (handle) => Channel.from(handle).sender();

function end(way) {
  if (way === 'exit') process.exit(0);
  if (way === 'throw') throw new Error('uncaught');
  if (way === 'reject') Promise.reject(new Error('unhandled'));
}

const roles = {
  pushInHandlers({ handle, way }) {
    let sender;
    process.on('exit', () => {
      sender.push('before');
      sender.send('before, sent');
    });
    sender = senderOf(handle);
    sender.push('first');
    process.on('exit', () => {
      sender.push('after');
      sender.send('after, sent');
      sender.push('after, large');
    });
    end(way);
  },
  openInHandler({ handle, way }) {
    Channel.from(handle);
    process.on('exit', () => senderOf(handle).push('last words'));
    end(way);
  },
  endInHandler({ handle }) {
    const sender = senderOf(handle);
    sender.push('first');
    process.on('exit', () => {
      sender.push('last words');
      sender.done();
    });
    process.exit(0);
  },
};

/** Prints how much is buffered after each push. */
function pushInMainThread(way) {
  const channel = new Channel();
  const sender = channel.sender();
  const receiver = channel.receiver();
  const buffered = [];
  sender.push('first');
  process.on('exit', () => {
    for (let count = 0; count < 3; count++) {
      buffered.push(receiver.stats.buffered);
      sender.push('more');
    }
    console.log(buffered.join(' '));
  });
  end(way);
}

if (isMainThread) pushInMainThread(process.argv[2]);
else roles[workerData.role](workerData);
