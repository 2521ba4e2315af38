// XState on the flow of workflows/benches/decide.rs: a ring of eight states, three conditions a step. Prints transitions a second.
import { createActor, createMachine } from 'xstate'

const STATES = 8
const conditions = [
  ({ context }) => context.priority === 'high',
  ({ context }) => context.assignee !== null && context.assignee === context.actor,
  ({ context }) => context.cost === null || context.cost <= 500,
]
const states = { over: { type: 'final' } }
for (let i = 0; i < STATES; i++) {
  const target = `s${(i + 1) % STATES}`
  states[`s${i}`] = { on: { GO: { target, guard: (press) => conditions.every((holds) => holds(press)) }, END: 'over' } }
}
const machine = createMachine({
  id: 'job',
  initial: 's0',
  context: { priority: 'high', assignee: 1, actor: 1, cost: 120.5 },
  states,
})

const record = createActor(machine).start()
const go = { type: 'GO' }
const turn = (times) => {
  for (let i = 0; i < times; i++) record.send(go)
}
turn(20000)
const began = process.hrtime.bigint()
let times = 0
while (process.hrtime.bigint() - began < 2_000_000_000n) {
  turn(100)
  times += 100
}
const state = record.getSnapshot().value
if (state !== `s${(20000 + times) % STATES}`) throw new Error(`the record is ${state}`)
console.log(Math.round(times / (Number(process.hrtime.bigint() - began) / 1e9)))
