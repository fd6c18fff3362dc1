/** The project's own files, as the structural tests read them. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  isExportDeclaration,
  isImportDeclaration,
  isStringLiteral,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { top } from './top.ts';

/** Paths relative to the top. */
export function files(...patterns: readonly string[]): readonly string[] {
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: top })).sort();
}

export function textOfFile(path: string): string {
  return readFileSync(join(top, path), 'utf8');
}

export interface Syntax {
  /** What is imported or exported from elsewhere, types too, as it is written. */
  readonly imports: readonly string[];
  readonly regularExpressions: readonly string[];
  /** Nothing is left of the file when it runs. */
  readonly typesOnly: boolean;
}

const typeStatements: readonly SyntaxKind[] = [
  SyntaxKind.ImportDeclaration,
  SyntaxKind.ExportDeclaration,
  SyntaxKind.InterfaceDeclaration,
  SyntaxKind.TypeAliasDeclaration,
];

function syntaxOf(root: SourceFile): Syntax {
  const imports: string[] = [];
  const regularExpressions: string[] = [];
  const visit = (node: Node): void => {
    if ((isImportDeclaration(node) || isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      if (isStringLiteral(node.moduleSpecifier)) imports.push(node.moduleSpecifier.text);
    } else if (node.kind === SyntaxKind.CallExpression || node.kind === SyntaxKind.ImportType) {
      const text = /^import\(\s*'([^']+)'/.exec(node.getText());
      if (text?.[1] !== undefined) imports.push(text[1]);
    } else if (node.kind === SyntaxKind.RegularExpressionLiteral) {
      regularExpressions.push(node.getText());
    }
    node.forEachChild(visit);
  };
  visit(root);
  const typesOnly = root.statements.every((statement) => typeStatements.includes(statement.kind));
  return { imports, regularExpressions, typesOnly };
}

/** Parses files with the compiler that also checks them. */
export function parseFiles(paths: readonly string[]): ReadonlyMap<string, Syntax> {
  const api = new API({ cwd: top });
  try {
    const config = join(top, 'tsconfig.json');
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error(`${config} was not opened`);
    return new Map(
      paths.map((path) => {
        const source = project.program.getSourceFile(join(top, path));
        if (source === undefined) throw new Error(`${path} is not part of tsconfig.json`);
        return [path, syntaxOf(source)];
      }),
    );
  } finally {
    api.close();
  }
}
