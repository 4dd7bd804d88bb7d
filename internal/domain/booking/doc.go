// Package booking is the rules of selling: places, holds, orders, payments and tickets, and the
// Book in which the commands of a batch are decided one after another.
//
// A command is a struct with its request and its result. Keys names the rows that it needs, Decide
// is the rule. Nothing here reads a clock or draws a number, so that a decision that runs twice
// decides the same.
package booking
