/** The page of .qmail files, which users steer the mail of their name with. */
import {
  programEndMsDefault,
  programMsDefault,
  programOutputBytesDefault,
  qmailFileBytesMax,
  reportBytesMax,
} from '../local/index.ts';
import type { Manual } from '../manual/index.ts';

export const dotQmail: Manual = {
  name: 'dot-qmail',
  section: 5,
  purpose: 'what becomes of the mail of a user',
  synopsis: [],
  description: [
    'Mail for joe@host is delivered as $HOME/.qmail of joe says, mail for joe-ext@host as $HOME/.qmail-ext says. In the name of that file ext has small letters only, and a colon for each dot. Where there is no such file, "default" stands for a part: for joe-list-help it is .qmail-list-help, else .qmail-list-default, else .qmail-default. Where there is none at all, joe gets the default delivery of the system, which an empty file asks for too, and mail for joe-ext is refused. What is no regular file is not there.',
    'Each line is one instruction. Blanks at its end do not count; empty lines do not either, but the first line must not be empty.',
    '# begins a comment.',
    '| runs the rest of the line with /bin/sh -c, as described below.',
    './path/ or /path/, with a slash at its end, is a Maildir. ./path or /path is an mbox, to which the message is appended. A path that begins with a dot counts from $HOME.',
    '& forwards the message to the address that follows. Any other line is an address as well. All forwards of a file are one message, sent when everything else is done.',
    '+list lets the lines that follow be forwards only; other lines that begin with + mean nothing.',
    'The lines are carried out one after the other. The first that fails ends the delivery; what was done before stays, and is done again when the message is tried again. Nothing is done while a line that may not be there stands anywhere in the file.',
    'Nothing is delivered while anybody may write to the file or to $HOME, nor while $HOME is sticky (chmod +t), which is how to edit safely. An x bit of the owner on the file is as good as +list in its first line.',
    'Where .qmail-ext-owner exists, what is forwarded from joe-ext has the sender joe-ext-owner@host, so that bounces go there. Where .qmail-ext-owner-default exists as well, each recipient r@d gets a sender of its own, joe-ext-owner-r=d@host. The senders of bounces stay as they are.',
    'A program finds the message on descriptor 0, a file, without the lines that a delivery adds. Its directory is $HOME. It runs in a session and process group of its own. What it prints is in the log, and in the bounce if it fails. What it leaves running in the background is not waited for, and what that prints is lost.',
  ],
  environment: [
    ['SENDER', 'The envelope sender.'],
    ['NEWSENDER', 'The sender for what is forwarded.'],
    ['RECIPIENT', 'The address, local@host, with the prefix of a virtual domain.'],
    ['USER', 'The name of the user.'],
    ['HOME', 'The home directory.'],
    ['LOCAL', 'The local part of the address.'],
    ['HOST', 'The host of the address.'],
    ['HOST2, HOST3, HOST4', 'HOST without its last part after a dot, without the last two, the last three.'],
    ['EXT', 'The extension, as it was written.'],
    ['EXT2, EXT3, EXT4', 'EXT after its first dash, its second, its third.'],
    ['DEFAULT', 'The part for which "default" stands in the name of the file; not set without one.'],
    ['DTLINE, RPLINE, UFLINE', 'The lines Delivered-To, Return-Path and From_, each with its line end.'],
    ['PATH', 'The bin directory of this installation, then /usr/local/bin, /usr/bin and /bin.'],
    ['QMAILHOME, QMAILQUEUE, TZ', 'As the system has set them.'],
  ],
  exitCodes: [
    ['0', 'Of a program: done. The next line follows.'],
    ['99', 'Done. The lines that follow do not count; forwards before it do.'],
    [
      '64, 65, 70, 76, 77, 78, 100, 112',
      'The message will never be delivered: it bounces, and is not forwarded.',
    ],
    ['111', 'And any other: try again later. Nothing is forwarded.'],
  ],
  limits: [
    ['file', `${qmailFileBytesMax} bytes`],
    [
      'time of a program',
      `${programMsDefault / 1000} seconds, or those of control/timeoutprogram; then it and its process group are told to end, and killed after ${programEndMsDefault / 1000} more. The message is tried again later.`,
    ],
    [
      'output of a program',
      `${reportBytesMax} bytes in the report, the rest is dropped; a program that prints more than ${programOutputBytesDefault} bytes is ended, and the message is tried again later.`,
    ],
  ],
  bugs: [
    'Control characters in addresses are _ in the variables, and the environment holds nothing but what is listed here: a program of the original may expect more.',
    'The original carries out the lines before a mistake, at each attempt; it runs programs for as long as they like, and waits for whoever holds their output.',
  ],
  seeAlso: ['qmail-local(8)', 'forward(1)', 'maildirmake(1)', 'qmail-send(8)'],
};
