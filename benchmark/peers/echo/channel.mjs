/** This project's channel, one in each direction. */

import { Channel } from '../../../index.mjs';

export function connect() {
  const questions = new Channel();
  const answers = new Channel();
  const sender = questions.sender();
  const received = answers.receiver();
  return {
    end: { questions: questions.handle, answers: answers.handle },
    async roundTrip(item) {
      sender.push(item);
      const { value } = await received.next();
      return value;
    },
  };
}

export async function echo({ questions, answers }) {
  const sender = Channel.from(answers).sender();
  for await (const item of Channel.from(questions).receiver()) sender.push(item);
}
